/** How much an agent's core holds at most, each with its reason. */

export const agentLimits = {
  /**
   * Tasks held at a time, ended ones whose end nobody acknowledged included: some 2 KB each, so 40 MB. A framework that
   * never acknowledges meets it.
   */
  tasksMax: 20_000,
  /**
   * Messages of the master that wait while the new agent's id is written, which takes milliseconds. A master that sends
   * more is asked again on a new link.
   */
  deferredMessagesMax: 10_000,
  /** RUNNING, KILLING and the end: a task's stream never holds more. */
  updatesPerTaskMax: 3,
  /**
   * Operations whose end is not acknowledged, some 1 KB each. A framework that names operations and never acknowledges meets it; what
   * comes after is dropped.
   */
  operationsMax: 10_000,
  /** How long a leaving agent waits for the master's confirmation, so that an absent master does not hold the exit. */
  unregisterWaitMs: 100,
  /** Keeps the doubling of delays within exact integers; every configured maximum is reached long before. */
  backoffDoublingsMax: 30,
} as const;
