/** How a history tells of what a reader of the operators' event stream was told. Plain JSON, as all of it. */

export interface ReadAgentJson {
  readonly agentId: string;
  /** Connected, and not deactivated. */
  readonly active: boolean;
  readonly deactivated: boolean;
}

export interface ReadTaskJson {
  readonly frameworkId: string;
  readonly taskId: string;
  /** The newest that the master knows. */
  readonly state: string;
}

export interface ReadFrameworkJson {
  readonly frameworkId: string;
  readonly connected: boolean;
}

/** Heartbeats are left out. */
export type ReaderEventJson =
  | {
      readonly kind: "subscribed";
      readonly agents: readonly ReadAgentJson[];
      /** Agents that the leader waits for after a failover. */
      readonly awaitedAgentIds: readonly string[];
      /** Also those that are out of reach or over, as far as the leader remembers them. */
      readonly tasks: readonly ReadTaskJson[];
      readonly frameworks: readonly ReadFrameworkJson[];
    }
  | { readonly kind: "taskAdded" | "taskUpdated"; readonly task: ReadTaskJson }
  | { readonly kind: "agentAdded"; readonly agent: ReadAgentJson }
  | { readonly kind: "agentRemoved"; readonly agentId: string }
  | { readonly kind: "frameworkAdded" | "frameworkUpdated"; readonly framework: ReadFrameworkJson }
  | { readonly kind: "frameworkRemoved"; readonly frameworkId: string };
