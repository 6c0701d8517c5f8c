/** A task as operators see it: with the newest state that is durable, which is all that anybody is told. */

import { uuidToBytes } from "../../../common/ids.ts";
import { writeTaskState, writeTaskStatus } from "../../../common/mesos-task-status.ts";
import type { Task as TaskMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import { awaitedUpdate } from "../awaited-update.ts";
import type { AgentState, Task } from "../state.ts";

export function toTaskMessage(state: AgentState, task: Task): TaskMessage {
  const info = task.toRun?.info;
  const awaited = awaitedUpdate(task);
  return {
    name: info?.name ?? "",
    taskId: { value: task.taskId },
    frameworkId: { value: task.frameworkId },
    executorId: task.executorId === undefined ? undefined : { value: task.executorId },
    agentId: { value: state.agentId ?? "" },
    state: writeTaskState(task.durableState),
    resources: info?.resources ?? [],
    // Data is the framework's own and can be large. Source: the reference leaves it out, too.
    statuses: task.durableStatus === undefined ? [] : [{ ...writeTaskStatus(task.durableStatus), data: undefined }],
    statusUpdateState: awaited === undefined ? undefined : writeTaskState(awaited.state),
    statusUpdateUuid: awaited === undefined ? undefined : uuidToBytes(awaited.uuid),
    labels: info?.labels,
    discovery: info?.discovery,
    container: info?.container,
    healthCheck: info?.healthCheck,
    killPolicy: info?.killPolicy,
    user: task.toRun?.command?.user ?? task.toRun?.framework.user,
    limits: info?.limits ?? {},
  };
}
