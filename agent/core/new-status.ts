/** What the agent itself has to say of a task; `status-updates.ts` makes a reliable update of it. */

import type { TaskState } from "../../common/task-state.ts";
import type { StatusReason, StatusSource } from "../../common/task-status.ts";
import type { Breach } from "./container-limits.ts";

export interface NewStatus {
  readonly state: TaskState;
  readonly source: StatusSource;
  readonly reason?: StatusReason;
  readonly message?: string;
  /** What its container went beyond. */
  readonly breach?: Breach;
}
