/** From what a person writes to the task, the agent that has it, and its container there. */

import type { AgentOperatorClient } from "../client/agent-operator-client.ts";
import { OperatorClient } from "../client/operator-client.ts";
import type { ContainerID, Task } from "../protos/gen/mesos/v1/mesos.ts";
import { agentAddress } from "./agent-address.ts";
import { findTask, type TaskFilter } from "./find-task.ts";
import type { OperatorOptions } from "./operator-command.ts";
import { withProgress } from "./terminal.ts";

export interface TaskOnAgent {
  readonly task: Task;
  /** Of the agent, as host:port. */
  readonly address: string;
}

/** Throws NotSoError. */
export async function locateTask(text: string, options: OperatorOptions & TaskFilter): Promise<TaskOnAgent> {
  using operator = new OperatorClient({ masters: options.master });
  const state = await withProgress(
    () => `waiting for ${options.master.join(", ")}`,
    () => operator.getState(),
  );
  const task = findTask(state, text, options);
  return { task, address: agentAddress(state.getAgents, task.agentId?.value ?? "") };
}

/** The agent knows it as long as it knows the task; it tells one run of an executor from another. */
export async function containerOf(agent: AgentOperatorClient, task: Task): Promise<ContainerID | undefined> {
  const { pendingTasks, queuedTasks, launchedTasks, terminatedTasks, completedTasks } = await agent.getTasks();
  const all = [...pendingTasks, ...queuedTasks, ...launchedTasks, ...terminatedTasks, ...completedTasks];
  return all.find((other) => isSameTask(other, task))?.statuses.at(-1)?.containerStatus?.containerId;
}

export function isSameTask(one: Task, other: Task): boolean {
  return one.taskId?.value === other.taskId?.value && one.frameworkId?.value === other.frameworkId?.value;
}
