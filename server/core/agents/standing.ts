/** What operators have decided about agents: deactivated, drained, gone. */

import type { AgentId } from "../../../common/ids.ts";
import type { AgentDescription } from "../agent-message.ts";

/** An agent with one is not offered. */
export interface Deactivation {
  /** Undefined when its tasks run on. */
  readonly drain: Drain | undefined;
}

export interface Drain {
  /** "drained": it has no task, no executor and no operation that anybody waits for. */
  readonly phase: "draining" | "drained";
  /** Bounds the grace of each task; undefined: each has its own. */
  readonly maxGraceMs: number | undefined;
  /** Whether the agent is marked gone once it is empty. */
  readonly markGone: boolean;
  readonly startedWallMs: number;
}

export interface DrainOrder {
  readonly agentId: AgentId;
  readonly maxGraceMs: number | undefined;
  readonly markGone: boolean;
}

/** An id that is used up by the operator. */
export interface GoneAgent {
  readonly atWallMs: number;
  /** The agent whose frameworks were not told yet what became of its tasks; of the many others only the id is kept. */
  readonly unannounced: AgentDescription | undefined;
}
