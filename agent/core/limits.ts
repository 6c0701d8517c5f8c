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
  /** RUNNING, KILLING and the end: the stream of a command task never holds more. */
  updatesPerTaskMax: 3,
  /**
   * Operations whose end is not acknowledged, some 1 KB each. A framework that names operations and never acknowledges meets it; what
   * comes after is dropped.
   */
  operationsMax: 10_000,
  /** Executors at a time: each is a process tree, and Linux has 32,768 pids by default. */
  executorsMax: 10_000,
  /**
   * Updates of an executor's task that its framework has not acknowledged, the end not counted: some 300 bytes each, and all of them are
   * written with each change of the task. An executor that sends more is refused until the framework keeps up.
   */
  executorUpdatesPerTaskMax: 128,
  /** More than an executor can have sent without hearing that the agent has them, before the framework acknowledged them. */
  settledUuidsPerTaskMax: 64,
  /** How long a leaving agent waits for the master's confirmation, so that an absent master does not hold the exit. */
  unregisterWaitMs: 100,
  /** Keeps the doubling of delays within exact integers; every configured maximum is reached long before. */
  backoffDoublingsMax: 30,
} as const;
