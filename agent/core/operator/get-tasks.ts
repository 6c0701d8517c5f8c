/** GET_TASKS: the tasks of the agent by stage, and the last ones that are over. */

import { isTerminal } from "../../../common/task-state.ts";
import type { Response_GetTasks } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { AgentState, Task } from "../state.ts";
import { toTaskMessage } from "./task-message.ts";

type Stage = "pendingTasks" | "queuedTasks" | "launchedTasks" | "terminatedTasks";

export function getTasks(state: AgentState): Response_GetTasks {
  const tasks: Response_GetTasks = {
    pendingTasks: [],
    queuedTasks: [],
    launchedTasks: [],
    terminatedTasks: [],
    completedTasks: state.history.tasks.toArray(),
  };
  for (const task of state.tasks.values()) {
    // The others are answers about tasks that the agent never had.
    if (task.toRun !== undefined) tasks[stageOf(task)].push(toTaskMessage(state, task));
  }
  return tasks;
}

/** A task has ended for others once its end is durable. */
function stageOf(task: Task): Stage {
  if (isTerminal(task.durableState)) return "terminatedTasks";
  switch (task.container) {
    case "recording":
      return "pendingTasks";
    case "launching":
      return "queuedTasks";
    default:
      return "launchedTasks";
  }
}
