/**
 * MARK_AGENT_GONE: the operator says that an agent never comes back. Its id is used up, its tasks are announced as ended, and should it
 * come back all the same it is told to end. Of an agent that has not returned since this master leads nobody knows the tasks; they are
 * announced when it tries to return.
 */

import type { AgentId } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import { isTerminal } from "../../../common/task-state.ts";
import type { AgentDescription, AgentToMaster, TaskKey } from "../agent-message.ts";
import type { CallId } from "../input.ts";
import { goneAgentsMax } from "../limits.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Framework, Link, Task } from "../state.ts";
import { completeTask, moveTask } from "../tasks.ts";
import { log, type Turn } from "../turn.ts";
import { knownAgent } from "./identity.ts";
import { leaveCluster } from "./leave.ts";
import { orderRefusal } from "./orders.ts";

/** Answered when it is durable; of an agent that is gone already at once. */
export function markAgentGone(turn: Turn, callId: CallId, agentId: AgentId): Refusal | undefined {
  const { state } = turn;
  if (state.goneAgents.has(agentId)) {
    turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
    return undefined;
  }
  const refusal = orderRefusal(state, agentId, "mark_agent_gone");
  if (refusal !== undefined) return refusal;
  if (state.agentChanges.has(agentId)) {
    return { code: "UNAVAILABLE", message: `agent ${agentId} is changing its state at this moment; try again` };
  }
  const agent = knownAgent(state, agentId);
  if (agent !== undefined) proposeGone(turn, { agentId, agent, callId });
  return undefined;
}

export function proposeGone(turn: Turn, gone: { agentId: AgentId; agent: AgentDescription; callId: CallId | undefined }): void {
  const { state, wallMs } = turn;
  const { agentId } = gone;
  state.agentChanges.set(agentId, "markingGone");
  propose(turn, { kind: "markGone", ...gone, atWallMs: wallMs, tasksAnnounced: !state.recoveredAgents.has(agentId) });
}

/** The id is durably used up: frameworks hear of each task, each offer and the agent, in this order; then the agent is told to end. */
export function agentGone(turn: Turn, op: Extract<RegistryOp, { kind: "markGone" }>): void {
  const { state } = turn;
  const { agentId, agent: description, atWallMs, tasksAnnounced } = op;
  const agent = state.agents.get(agentId);
  log(turn, "agent gone", { agentId, tasks: agent?.tasks.size ?? 0 });
  state.goneAgents.set(agentId, { atWallMs, unannounced: tasksAnnounced ? undefined : description });
  leaveCluster(turn, agentId, (framework, task) => taskGone(turn, framework, task));
  if (agent?.linkId !== undefined) {
    turn.emit({ kind: "sendToAgent", linkId: agent.linkId, message: { kind: "refuse", reason: goneReason(agentId) } });
  }
  if (op.callId !== undefined) turn.emit({ kind: "operatorReply", callId: op.callId, response: { kind: "done" } });
  const excess = state.goneAgents.size - goneAgentsMax;
  if (excess > 0) propose(turn, { kind: "forget", agentIds: [...state.goneAgents.keys()].slice(0, excess), frameworkIds: [] });
}

/** Tells an agent that is gone to end; says whether it is. What it brings is announced first if nobody did. */
export function refuseGone(turn: Turn, link: Link, message: Extract<AgentToMaster, { kind: "reregister" }>): boolean {
  const { agentId, tasks } = message;
  const gone = turn.state.goneAgents.get(agentId);
  if (gone === undefined) return false;
  const { atWallMs, unannounced } = gone;
  if (unannounced === undefined) {
    turn.emit({ kind: "sendToAgent", linkId: link.linkId, message: { kind: "refuse", reason: goneReason(agentId) } });
  } else if (!turn.state.agentChanges.has(agentId)) {
    turn.state.agentChanges.set(agentId, "markingGone");
    const live = tasks.filter((task) => !isTerminal(task.state));
    propose(turn, { kind: "announceGone", agentId, agent: unannounced, atWallMs, tasks: live, linkId: link.linkId });
  }
  return true;
}

/** That the tasks are announced is durable. */
export function goneAnnounced(turn: Turn, op: Extract<RegistryOp, { kind: "announceGone" }>): void {
  const { state } = turn;
  const { agentId, atWallMs, tasks, linkId } = op;
  state.agentChanges.delete(agentId);
  state.goneAgents.set(agentId, { atWallMs, unannounced: undefined });
  for (const key of tasks) {
    const framework = state.frameworks.get(key.frameworkId);
    if (framework !== undefined && !framework.tasks.has(key.taskId)) sendGone(turn, framework, { ...key, agentId });
  }
  if (state.links.has(linkId)) turn.emit({ kind: "sendToAgent", linkId, message: { kind: "refuse", reason: goneReason(agentId) } });
}

function taskGone(turn: Turn, framework: Framework, task: Task): void {
  // The framework was sent the end of this task; that its agent is gone does not change it.
  const isEnded = task.statusUpdateState !== undefined && isTerminal(task.statusUpdateState);
  if (!isEnded) sendGone(turn, framework, task);
  moveTask(turn.state, task, framework.description.partitionAware ? "TASK_GONE_BY_OPERATOR" : "TASK_LOST");
  completeTask(turn.state, framework, task);
}

function sendGone(turn: Turn, framework: Framework, { taskId, agentId }: TaskKey & { readonly agentId: AgentId }): void {
  const { partitionAware } = framework.description;
  sendUpdate(turn, framework, {
    taskId,
    agentId,
    state: "TASK_GONE_BY_OPERATOR",
    reason: partitionAware ? "REASON_AGENT_REMOVED_BY_OPERATOR" : "REASON_AGENT_REMOVED",
    message: goneReason(agentId),
  });
}

function goneReason(agentId: AgentId): string {
  return `Agent ${agentId} was marked gone by the operator`;
}
