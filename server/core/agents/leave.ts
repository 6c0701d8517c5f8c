/**
 * What follows once an agent's id is durably used up, by its own farewell or by an operator: whatever waits for the agent is dropped, and
 * the frameworks hear of each task, each offer, and of the agent, in this order.
 */

import type { AgentId } from "../../../common/ids.ts";
import { dropOperations } from "../operations.ts";
import { broadcastAgentFailure } from "../scheduler-events.ts";
import type { Agent, Framework, Task } from "../state.ts";
import type { Turn } from "../turn.ts";
import { rescindAgentOffers } from "./agent-offers.ts";
import { forgetOrders } from "./orders.ts";
import { dropAgent } from "./registration.ts";

/** Tells a framework the end of one of its tasks, as far as it has to be told, and completes the task. */
export type EndTask = (framework: Framework, task: Task) => void;

/** Forgets the agent, registered, unreachable or not back yet. Where its id is kept from now on is up to the caller. */
export function leaveCluster(turn: Turn, agentId: AgentId, endTask: EndTask): void {
  const { state } = turn;
  state.agentChanges.delete(agentId);
  state.recoveredAgents.delete(agentId);
  state.unreachableAgents.delete(agentId);
  state.abandonedAgents.delete(agentId);
  state.deadlines.reregistrations.delete(agentId);
  forgetOrders(state, agentId);
  endUnreachable(turn, agentId, endTask);
  const agent = state.agents.get(agentId);
  if (agent !== undefined) endRegistered(turn, agent, endTask);
  broadcastAgentFailure(turn, agentId);
}

function endRegistered(turn: Turn, agent: Agent, endTask: EndTask): void {
  const { state } = turn;
  for (const task of [...agent.tasks]) {
    const framework = state.frameworks.get(task.frameworkId);
    if (framework !== undefined) endTask(framework, task);
  }
  dropOperations(turn, agent, "OPERATION_GONE_BY_OPERATOR");
  rescindAgentOffers(turn, agent);
  dropAgent(state, agent);
}

/** Who was told TASK_UNREACHABLE still waits for the end; who was told TASK_LOST does not. */
function endUnreachable(turn: Turn, agentId: AgentId, endTask: EndTask): void {
  for (const framework of turn.state.frameworks.values()) {
    for (const task of framework.unreachableTasks.values()) {
      if (task.agentId !== agentId) continue;
      framework.unreachableTasks.delete(task.taskId);
      if (task.isAnnouncedLost) framework.completedTasks.add(task);
      else endTask(framework, task);
    }
  }
}
