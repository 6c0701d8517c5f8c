/** Executors in the master's books: one for each framework, agent and executor id, from the launch of its first task until its end. */

import type { ExecutorId, FrameworkId } from "../../common/ids.ts";
import type { AgentToMaster, ReportedExecutor } from "./agent-message.ts";
import { returnResources, takeUnoffered } from "./allocator/accounting.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Agent, Executor, Framework, Link, MasterState } from "./state.ts";
import { log, type Turn } from "./turn.ts";

export function findExecutor(agent: Agent, frameworkId: FrameworkId, executorId: ExecutorId): Executor | undefined {
  return agent.executors.get(executorKey(frameworkId, executorId));
}

/** `resourcesFrom`: those of an offer are used already, those of an executor that the agent reports are not. */
export function addExecutor(
  state: MasterState,
  { framework, agent, executor }: { framework: Framework; agent: Agent; executor: Executor },
  resourcesFrom: "offer" | "agent",
): void {
  agent.executors.set(executorKey(executor.frameworkId, executor.executorId), executor);
  framework.executors.add(executor);
  if (resourcesFrom === "agent") takeUnoffered(state, { agent, framework, role: executor.role, resources: executor.resources });
}

/** Takes an executor out of the books and gives back what it held. */
export function removeExecutor(state: MasterState, executor: Executor): void {
  const agent = state.agents.get(executor.agentId);
  const framework = state.frameworks.get(executor.frameworkId);
  if (framework === undefined || !framework.executors.delete(executor)) return;
  if (agent === undefined) return;
  state.drainChecks.add(executor.agentId);
  agent.executors.delete(executorKey(executor.frameworkId, executor.executorId));
  returnResources(state, { agent, framework, role: executor.role, resources: executor.resources });
}

/** Makes the books agree with what an agent that came back has. What it does not have any more goes without a word, as in the reference. */
export function takeBackExecutors(state: MasterState, agent: Agent, reported: readonly ReportedExecutor[]): void {
  const kept = new Set(reported.map(({ frameworkId, executorId }) => executorKey(frameworkId, executorId)));
  for (const [key, executor] of [...agent.executors]) if (!kept.has(key)) removeExecutor(state, executor);
  for (const { frameworkId, executorId, resources, info } of reported) {
    const framework = state.frameworks.get(frameworkId);
    if (framework === undefined || findExecutor(agent, frameworkId, executorId) !== undefined) continue;
    const role = resources[0]?.allocationRole ?? framework.description.roles[0] ?? "*";
    const executor: Executor = { executorId, frameworkId, agentId: agent.agentId, role, resources, info };
    addExecutor(state, { framework, agent, executor }, "agent");
  }
}

/** An executor ended: its resources are free, and its framework hears of it. Its tasks have updates of their own. */
export function receiveExitedExecutor(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "exitedExecutor" }>): void {
  const agent = link.agentId === undefined ? undefined : turn.state.agents.get(link.agentId);
  if (agent === undefined) return;
  const { frameworkId, executorId, waitStatus } = message;
  const executor = findExecutor(agent, frameworkId, executorId);
  if (executor === undefined) return;
  removeExecutor(turn.state, executor);
  log(turn, "executor ended", { frameworkId, executorId, agentId: agent.agentId, waitStatus });
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework !== undefined) sendEvent(turn, framework, { kind: "failure", agentId: agent.agentId, executorId, status: waitStatus });
}

/** Data of an executor for its scheduler; lost when that is away. */
export function receiveExecutorMessage(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "executorMessage" }>): void {
  const { frameworkId, executorId, data } = message;
  const framework = turn.state.frameworks.get(frameworkId);
  if (link.agentId === undefined || !turn.state.agents.has(link.agentId) || framework === undefined) return;
  sendEvent(turn, framework, { kind: "message", agentId: link.agentId, executorId, data });
}

/** Ids cannot contain a slash, so the key is unique. */
function executorKey(frameworkId: FrameworkId, executorId: ExecutorId): string {
  return `${frameworkId}/${executorId}`;
}
