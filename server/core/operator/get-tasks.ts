/** GET_TASKS: the tasks on registered agents, those on unreachable ones, and the last ones that ended. */

import { uuidToBytes } from "../../../common/ids.ts";
import { writeResources } from "../../../common/mesos-resources.ts";
import { writeTaskState } from "../../../common/mesos-task-status.ts";
import type { Response_GetTasks } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { Task as TaskMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { MasterState, Task } from "../state.ts";

export function getTasks(state: MasterState): Response_GetTasks {
  const tasks: TaskMessage[] = [];
  const unreachableTasks: TaskMessage[] = [];
  const completedTasks: TaskMessage[] = [];
  for (const framework of state.frameworks.values()) {
    for (const task of framework.tasks.values()) tasks.push(toTaskMessage(task));
    for (const task of framework.unreachableTasks.values()) unreachableTasks.push(toTaskMessage(task));
    for (const task of framework.completedTasks.toArray()) completedTasks.push(toTaskMessage(task));
  }
  for (const framework of state.completedFrameworks.toArray()) completedTasks.push(...framework.tasks.map(toTaskMessage));
  return { pendingTasks: [], tasks, unreachableTasks, completedTasks, orphanTasks: [] };
}

export function toTaskMessage(task: Task): TaskMessage {
  return {
    name: task.name,
    taskId: { value: task.taskId },
    frameworkId: { value: task.frameworkId },
    executorId: task.executorId === undefined ? undefined : { value: task.executorId },
    agentId: { value: task.agentId },
    state: writeTaskState(task.state),
    resources: writeResources(task.resources, "stack"),
    statuses: [],
    statusUpdateState: task.statusUpdateState === undefined ? undefined : writeTaskState(task.statusUpdateState),
    statusUpdateUuid: task.statusUpdateUuid === undefined ? undefined : uuidToBytes(task.statusUpdateUuid),
    limits: { ...task.limits },
  };
}
