/** Which update of a task's stream the framework has to acknowledge next. */

import type { Uuid } from "../../common/ids.ts";
import type { TaskState } from "../../common/task-state.ts";
import type { Task, Update } from "./state.ts";

/** The uuid and state of the update that the master may have and the framework did not acknowledge. */
export function awaitedUpdate(task: Task): { readonly uuid: Uuid; readonly state: TaskState } | undefined {
  const head = task.updates[0];
  return head !== undefined && isForwarded(task, head) ? { uuid: head.uuid, state: head.status.state } : undefined;
}

/** The master may know of the head. */
export function isForwarded(task: Task, head: Update): boolean {
  return head.isDurable && !task.isAcknowledging;
}
