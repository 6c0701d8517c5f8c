/** After healing: what the cluster still owes, in words; nothing owed means that it has converged. */

import { isTerminal, type TaskState } from "../common/task-state.ts";
import { ResourceSum } from "./checkers/resource-sum.ts";
import type { NodeStatus } from "./cluster.ts";
import type { HistoryBody, LeaderSnapshot } from "./history/event.ts";
import { offerableFree } from "./history/free-resources.ts";
import type { ResourceJson } from "./history/resource-json.ts";
import type { Framework } from "./workload/framework.ts";

export type ProcessesEvent = Extract<HistoryBody, { kind: "processes" }>;

export interface ClusterView {
  readonly nodes: readonly NodeStatus[];
  /** Undefined: no leader answered. */
  readonly snapshot: LeaderSnapshot | undefined;
  readonly frameworks: readonly Framework[];
  /** What the faults have not seen healed. */
  readonly unhealed: readonly string[];
}

export function findPending(view: ClusterView): string[] {
  const pending = view.unhealed.map((fault) => `fault is not seen healed: ${fault}`);
  for (const { node, state } of view.nodes) if (state !== "running") pending.push(`${node} is ${state}`);
  const { snapshot } = view;
  if (snapshot === undefined) return [...pending, "no leader answers"];
  const agentNodes = view.nodes.filter(({ kind }) => kind === "agent");
  const activeHosts = new Set(snapshot.agents.filter(({ active }) => active).map(({ hostname }) => hostname));
  if (activeHosts.size < agentNodes.length) pending.push(`${activeHosts.size} of ${agentNodes.length} agents are active`);
  if (snapshot.recoveredAgentIds.length > 0) pending.push(`agents are awaited after failover: ${snapshot.recoveredAgentIds.join(" ")}`);
  const alive = view.frameworks.filter((framework) => !framework.isEnded && framework.frameworkId !== undefined);
  for (const framework of alive) pending.push(...pendingOfFramework(framework, snapshot));
  pending.push(...pendingExecutors(snapshot));
  if (alive.some((framework) => framework.isSubscribed)) pending.push(...pendingOffers(snapshot));
  return pending;
}

function pendingOfFramework(framework: Framework, snapshot: LeaderSnapshot): string[] {
  const { name, frameworkId } = framework;
  if (!framework.isSubscribed) return [`${name} is not subscribed`];
  const pending: string[] = [];
  if (framework.unacknowledged.size > 0) pending.push(`${name} has ${framework.unacknowledged.size} updates to acknowledge`);
  const { unacknowledged, open } = framework.operations;
  if (unacknowledged.size > 0) pending.push(`${name} has ${unacknowledged.size} operations to acknowledge`);
  const agentIds = new Set(snapshot.agents.map(({ agentId }) => agentId));
  for (const { operationId, agentId, state } of open) {
    // Of an agent that left unheard, and whose operations an earlier leader knew, nobody can say more.
    const isUnheard = state === "OPERATION_UNREACHABLE" && (agentId === undefined || !agentIds.has(agentId));
    if (!isUnheard) pending.push(`${name} does not know how ${operationId} ended`);
  }
  const live = framework.liveTasks();
  const known = new Set(live.map(({ taskId }) => taskId));
  const told = snapshot.tasks.filter((task) => task.frameworkId === frameworkId);
  for (const { taskId, state } of told) {
    const isLive = !isTerminal(state as TaskState);
    if (isLive && !known.has(taskId)) pending.push(`${taskId} is ${state} for the leader and over for ${name}`);
    // A killed task and a task that starts are on their way to something else.
    if (isLive && state !== "TASK_RUNNING") pending.push(`${taskId} is still ${state}`);
    if (!isLive) pending.push(`${taskId} is ${state} and its end is not acknowledged`);
  }
  // Every agent is back or has said that it left, so nothing can be unreachable any more.
  for (const { taskId, frameworkId: owner } of snapshot.unreachableTasks) {
    if (owner === frameworkId) pending.push(`${taskId} is still unreachable`);
  }
  const toldIds = new Set(told.map(({ taskId }) => taskId));
  for (const { taskId, agentId, state } of live) {
    // A leader that came after the agent went away knows the agent only, and says so for each task.
    if (!toldIds.has(taskId) && (state !== "TASK_UNREACHABLE" || agentIds.has(agentId)))
      pending.push(`${taskId} is ${state} for ${name} and the leader does not know it`);
  }
  return pending;
}

/** The same for task processes against the leader's tasks; `processes` has one event of each agent. */
export function findPendingProcesses(processes: readonly ProcessesEvent[], snapshot: LeaderSnapshot): string[] {
  const known = new Set(snapshot.tasks.map(({ frameworkId, taskId }) => `${frameworkId} ${taskId}`));
  const pending: string[] = [];
  const live = new Set<string>();
  for (const { node, live: processesOfNode, total } of processes) {
    const agent = snapshot.agents.find(({ hostname }) => hostname === node);
    if (total !== undefined && agent !== undefined) pending.push(...pendingTotal(node, total, agent.total));
    for (const { frameworkId, taskId, process } of processesOfNode) {
      const key = `${frameworkId} ${taskId}`;
      live.add(key);
      if (!known.has(key)) pending.push(`process ${process} of ${taskId} lives on ${node} and the leader does not know the task`);
    }
  }
  for (const { frameworkId, taskId, state } of snapshot.tasks) {
    if (state === "TASK_RUNNING" && !live.has(`${frameworkId} ${taskId}`)) pending.push(`${taskId} is ${state} and has no process`);
  }
  return pending;
}

/** Master and agent must agree on what is reserved and on the volumes. */
function pendingTotal(node: string, own: readonly ResourceJson[], told: readonly ResourceJson[]): string[] {
  const [ownSum, toldSum] = [ResourceSum.exact(own), ResourceSum.exact(told)];
  const difference = ownSum.excess(toldSum) ?? toldSum.excess(ownSum);
  return difference === undefined ? [] : [`${node} and the leader do not agree on its resources: ${difference}`];
}

/** A default executor ends with its last task. */
function pendingExecutors({ executors = [], tasks }: LeaderSnapshot): string[] {
  return executors.flatMap(({ executorId, frameworkId, agentId, isDefault }) => {
    const hasTask = tasks.some((task) => task.agentId === agentId && task.frameworkId === frameworkId && task.executorId === executorId);
    return isDefault && !hasTask ? [`default executor ${executorId} of ${frameworkId} on ${agentId} holds resources without a task`] : [];
  });
}

function pendingOffers(snapshot: LeaderSnapshot): string[] {
  const pending: string[] = [];
  for (const agent of snapshot.agents) {
    const free = agent.active ? offerableFree(agent) : undefined;
    if (free === undefined) continue;
    pending.push(`${agent.hostname} has ${free.cpusMilli / 1_000} cpus and ${free.memMilli / 1_000} mem that nobody is offered`);
  }
  return pending;
}
