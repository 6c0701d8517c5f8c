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
  /**
   * What was sent, one change of each of the two checks, KILLING and the end: the stream of a command task never holds more. A change
   * that waits behind the update that was sent gives way to the next change of the same check.
   */
  updatesPerTaskMax: 5,
  /**
   * Looks at tasks that go on at a time. Each is up to four processes or a connection, next to the tasks themselves; what is due beyond
   * that waits for its turn.
   */
  checksAtOnceMax: 256,
  /** The shortest time from one look at a task to the next: a check of no interval must not take a processor. */
  checkIntervalMinMs: 100,
  /** The longest that one look takes, also without a timeout of its own: it holds one of the places above. */
  checkTimeoutMaxMs: 3_600_000,
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
  /** Tasks that are over and that operators may still see, some 1 KB each. */
  completedTasksMax: 1_000,
  /** The same of executors. Source: the reference keeps as many of each framework. */
  completedExecutorsMax: 150,
  /** The same of frameworks, each a FrameworkInfo. Source: the reference. */
  completedFrameworksMax: 50,
  /** Of what the last status of such a task said, so many characters: executors write what they like. */
  keptMessageMax: 1_024,
  /** How long a leaving agent waits for the master's confirmation, so that an absent master does not hold the exit. */
  unregisterWaitMs: 100,
  /** Keeps the doubling of delays within exact integers; every configured maximum is reached long before. */
  backoffDoublingsMax: 30,
} as const;
