/** How a history tells of what an operator orders about frameworks and their tasks. Plain JSON, as all of it. */

export type FrameworkOrderJson =
  /** The end of the framework with all its tasks, wherever its scheduler is. */
  | { readonly kind: "teardown"; readonly frameworkId: string }
  | {
      readonly kind: "killTask";
      readonly frameworkId: string;
      readonly taskId: string;
      /** Absent: the task's own grace. */
      readonly graceMs?: number;
    };
