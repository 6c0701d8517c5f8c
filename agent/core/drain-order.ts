/** How an operator wants the agent drained. */

export interface Drain {
  /** Bounds the grace of each task, and is the grace of those that have none; undefined: each has its own. */
  readonly maxGraceMs: number | undefined;
  /** Whether the agent is marked gone when it is empty. */
  readonly markGone: boolean;
}
