/** GET_TASKS: the tasks on registered agents, those on unreachable ones, and the last ones that ended. */

import { assertDefined } from "../../../common/assert.ts";
import { type Uuid, uuidToBytes } from "../../../common/ids.ts";
import { writeResources } from "../../../common/mesos-resources.ts";
import { writeTaskState } from "../../../common/mesos-task-status.ts";
import type { TaskState } from "../../../common/task-state.ts";
import type { Task as TaskMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { MasterState, Task } from "../state.ts";
import type { TakenTasks, TasksSnapshot } from "./snapshot.ts";

export function getTasks(state: MasterState): TasksSnapshot {
  const tasks = new TaskColumns();
  const unreachableTasks = new TaskColumns();
  const completedTasks = new TaskColumns();
  for (const framework of state.frameworks.values()) {
    for (const task of framework.tasks.values()) tasks.take(task);
    for (const task of framework.unreachableTasks.values()) unreachableTasks.take(task);
    for (const task of framework.completedTasks.toArray()) completedTasks.take(task);
  }
  for (const framework of state.completedFrameworks.toArray()) for (const task of framework.tasks) completedTasks.take(task);
  return { tasks, unreachableTasks, completedTasks };
}

/** Tasks, and what of each one changes as it is now. */
class TaskColumns implements TakenTasks {
  readonly #tasks: Task[] = [];
  readonly #states: TaskState[] = [];
  readonly #updateStates: (TaskState | undefined)[] = [];
  readonly #updateUuids: (Uuid | undefined)[] = [];

  take(task: Task): void {
    this.#tasks.push(task);
    this.#states.push(task.state);
    this.#updateStates.push(task.statusUpdateState);
    this.#updateUuids.push(task.statusUpdateUuid);
  }

  get length(): number {
    return this.#tasks.length;
  }

  messageOf(index: number): TaskMessage {
    const task = assertDefined(this.#tasks[index], `task ${index} of ${this.#tasks.length}`);
    const taken = {
      state: this.#states[index] ?? task.state,
      statusUpdateState: this.#updateStates[index],
      statusUpdateUuid: this.#updateUuids[index],
    };
    return toTaskMessage({ ...task, ...taken });
  }
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
