/** The port between a real cluster and what its nodes run in: plain processes, or containers. */

import type { Capability, NodeSignal, Tier } from "../cluster.ts";
import type { NodeName } from "../history/event.ts";

export interface NodeSpec {
  readonly node: NodeName;
  readonly kind: "master" | "agent";
  /** Flags of server/main.ts or agent/main.ts that do not depend on where the node runs. */
  readonly flags: readonly string[];
}

export interface NodeEvents {
  /** One line that the node wrote to its log. */
  logLine(line: string): void;
  exited(code: number | undefined, signal: string | undefined): void;
}

export interface NodeHost extends AsyncDisposable {
  readonly tier: Tier;
  readonly capabilities: ReadonlySet<Capability>;
  /** Where tasks write their ledger: as the harness and as the tasks see the folder. */
  readonly ledgerFolder: string;
  readonly ledgerFolderInTask: string;
  /** Makes ready what all nodes need: folders, images, networks. */
  prepare(specs: readonly NodeSpec[]): Promise<void>;
  /** Starts a node, for the first time or again on its old work directory. Resolves when its process exists. */
  start(spec: NodeSpec, events: NodeEvents): Promise<void>;
  signal(node: NodeName, signal: NodeSignal): Promise<void>;
  /** The nodes that run, by the id that their process has on this machine. A node whose id is not known is left out. */
  pids(): readonly { readonly node: NodeName; readonly pid: number }[];
  /** Resolves when the process was seen stopped. */
  pause(node: NodeName): Promise<void>;
  /** Resolves when the process was seen running. */
  resume(node: NodeName): Promise<void>;
  cut(node: NodeName): Promise<void>;
  heal(node: NodeName): Promise<void>;
  /** As in Cluster. */
  cutEvidence(node: NodeName): string | undefined;
  dropConnections(): Promise<void>;
  /** The master's gRPC address for the harness itself, as host:port. No fault touches this way in. */
  masterAddress(): string;
  /** The same for the frameworks of the workload; faults may cut it. */
  schedulerAddress(): string;
  /** Ends every process and task of the cluster; the folders stay for the report. */
  [Symbol.asyncDispose](): Promise<void>;
}
