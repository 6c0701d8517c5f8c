/**
 * ACKNOWLEDGE: passed to the agent; the end of a task that is acknowledged takes it out of the books.
 * Source: Mesos Master::acknowledge.
 */

import { isTerminal } from "../../../common/task-state.ts";
import { sendToAgent } from "../agents/connection.ts";
import type { Framework } from "../state.ts";
import { completeTask } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

/** Nothing happens for an agent that is not connected, or before this master forwarded an update: the agent will send its update again. */
export function acknowledge(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "acknowledge" }>): void {
  const { agentId, taskId, uuid } = call;
  const agent = turn.state.agents.get(agentId);
  if (agent?.linkId === undefined) return;
  const task = framework.tasks.get(taskId);
  // A task of the same id on another agent has nothing to do with this acknowledgement.
  if (task?.agentId === agentId) {
    if (task.statusUpdateState === undefined) return;
    const isEnd = isTerminal(task.statusUpdateState) && task.statusUpdateUuid === uuid;
    if (isEnd) completeTask(turn.state, framework, task);
  }
  sendToAgent(turn, agent, { kind: "acknowledge", frameworkId: framework.frameworkId, taskId, uuid });
}
