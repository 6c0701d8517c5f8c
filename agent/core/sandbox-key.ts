/** Whose sandbox it is: one folder for each run of an executor, and of a command task, which counts as an executor of its own name. */

import type { AgentId, ExecutorId, FrameworkId } from "../../common/ids.ts";

export interface SandboxKey {
  readonly agentId: AgentId;
  readonly frameworkId: FrameworkId;
  /** The task's id for a command task. */
  readonly executorId: ExecutorId;
}
