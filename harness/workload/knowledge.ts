/** What a framework of the workload remembers of what it was told. */

import type { ResourceJson } from "../history/event.ts";

export interface KnownOffer {
  readonly offerId: string;
  readonly agentId: string;
  readonly role: string;
  readonly resources: readonly ResourceJson[];
}

export interface KnownTask {
  readonly taskId: string;
  agentId: string;
  /** Of the executor that runs it, if the framework named one. */
  readonly executorId?: string | undefined;
  /** TASK_STAGING until something is heard. */
  state: string;
  isOver: boolean;
  /** The master that spoke of the task last, and so must know its id. */
  toldBy: string | undefined;
  /** Launches with this id beyond the first whose end was not told yet. */
  twinCount: number;
}

/** An update that can be acknowledged. */
export interface KnownUpdate {
  readonly taskId: string;
  readonly agentId: string;
  readonly uuid: string;
}
