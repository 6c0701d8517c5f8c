/**
 * What operators order about agents: DEACTIVATE_AGENT stops offers, DRAIN_AGENT also empties the agent, REACTIVATE_AGENT ends both. An
 * order belongs to the id, wherever the agent is: registered, recovered or unreachable. It is durable before it is answered, holds for
 * every later leader, and is told to the agent each time it comes back.
 */

import type { AgentId } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import { wantAllocation } from "../allocator/allocator.ts";
import type { CallId } from "../input.ts";
import { isEmptied, isRevoked, machineOf, standingOf } from "../maintenance/agent-machine.ts";
import { describeMachine } from "../maintenance/machine.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import type { Agent, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { rescindAgentOffers } from "./agent-offers.ts";
import { sendToAgent } from "./connection.ts";
import { proposeGone } from "./gone.ts";
import { knownAgent } from "./identity.ts";
import { orderRefusal } from "./orders.ts";
import type { Drain, DrainOrder } from "./standing.ts";

/** Starts a drain, or starts it anew with other words. Answered when it is durable. */
export function drainAgent(turn: Turn, callId: CallId, { agentId, maxGraceMs, markGone }: DrainOrder): Refusal | undefined {
  const refusal = orderRefusal(turn.state, agentId, "drain_agent") ?? scheduledRefusal(turn.state, agentId);
  if (refusal !== undefined) return refusal;
  const drain: Drain = { phase: "draining", maxGraceMs, markGone, startedWallMs: turn.wallMs };
  order(turn, { kind: "deactivateAgent", agentId, deactivation: { drain }, callId });
  return undefined;
}

/** Stops offers. Of an agent that is deactivated already nothing changes, a drain goes on. */
export function deactivateAgent(turn: Turn, callId: CallId, agentId: AgentId): Refusal | undefined {
  const refusal = orderRefusal(turn.state, agentId, "deactivate_agent");
  if (refusal !== undefined) return refusal;
  const known = turn.state.deactivations.get(agentId);
  if (known === undefined) order(turn, { kind: "deactivateAgent", agentId, deactivation: { drain: undefined }, callId });
  else turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
  return undefined;
}

/** Ends a deactivation or a drain that is done. One that goes on cannot be called back: its tasks are being killed. */
export function reactivateAgent(turn: Turn, callId: CallId, agentId: AgentId): Refusal | undefined {
  const refusal = orderRefusal(turn.state, agentId, "reactivate_agent");
  if (refusal !== undefined) return refusal;
  const known = turn.state.deactivations.get(agentId);
  const description = knownAgent(turn.state, agentId);
  if (description !== undefined && isRevoked(turn.state, description)) {
    const rule = `of a machine that is not being emptied, that of agent ${agentId} is; take the machine out of the schedule first`;
    return wrongState("reactivate_agent", rule);
  }
  if (known === undefined) return wrongState("reactivate_agent", `deactivated, agent ${agentId} is active`);
  if (known.drain?.phase === "draining") {
    return wrongState("reactivate_agent", `drained before it is reactivated, agent ${agentId} is draining`);
  }
  order(turn, { kind: "reactivateAgent", agentId, callId });
  return undefined;
}

/** The order is durable. */
export function agentDeactivated(turn: Turn, op: Extract<RegistryOp, { kind: "deactivateAgent" }>): void {
  const { state } = turn;
  const { agentId, deactivation, callId } = op;
  state.orderedAgents.delete(agentId);
  if (knownAgent(state, agentId) !== undefined) {
    state.deactivations.set(agentId, deactivation);
    log(turn, deactivation.drain === undefined ? "agent deactivated" : "agent drains", { agentId });
    const agent = state.agents.get(agentId);
    if (agent !== undefined) {
      rescindAgentOffers(turn, agent);
      tellOrder(turn, agent);
      state.drainChecks.add(agentId);
    }
  }
  turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
}

export function agentReactivated(turn: Turn, { agentId, callId }: Extract<RegistryOp, { kind: "reactivateAgent" }>): void {
  const { state } = turn;
  state.orderedAgents.delete(agentId);
  state.deactivations.delete(agentId);
  log(turn, "agent reactivated", { agentId });
  const agent = state.agents.get(agentId);
  if (agent !== undefined) {
    tellOrder(turn, agent);
    wantAllocation(state, agent);
  }
  turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
}

/** Tells an agent that came back, or is to drain, what is ordered: it may have missed the order, or its end. */
export function tellOrder(turn: Turn, agent: Agent): void {
  const drain = standingOf(turn.state, agent)?.drain;
  if (drain === undefined) sendToAgent(turn, agent, { kind: "endDrain" });
  else sendToAgent(turn, agent, { kind: "drain", maxGraceMs: drain.maxGraceMs, markGone: drain.markGone });
}

/** Looks at the agents that lost something in this step: those that drain and have nothing left are drained. */
export function checkDrains(turn: Turn): void {
  const { state } = turn;
  if (state.drainChecks.size === 0) return;
  for (const agentId of state.drainChecks) checkDrain(turn, agentId);
  state.drainChecks.clear();
}

function checkDrain(turn: Turn, agentId: AgentId): void {
  const { state } = turn;
  const drain = state.deactivations.get(agentId)?.drain;
  const agent = state.agents.get(agentId);
  if (drain?.phase !== "draining" || agent === undefined || state.agentChanges.has(agentId) || state.orderedAgents.has(agentId)) return;
  if (!isEmptied(agent)) return;
  if (drain.markGone) {
    proposeGone(turn, { agentId, agent: agent.description, callId: undefined });
    return;
  }
  state.orderedAgents.add(agentId);
  propose(turn, { kind: "markDrained", agentId, deactivation: { drain: { ...drain, phase: "drained" } } });
}

export function agentDrained(turn: Turn, { agentId, deactivation }: Extract<RegistryOp, { kind: "markDrained" }>): void {
  const { state } = turn;
  state.orderedAgents.delete(agentId);
  if (!state.deactivations.has(agentId)) return;
  state.deactivations.set(agentId, deactivation);
  log(turn, "agent drained", { agentId });
}

/** A machine is taken out of service in one way: its window empties it, too. */
function scheduledRefusal(state: MasterState, agentId: AgentId): Refusal | undefined {
  const description = knownAgent(state, agentId);
  const machine = description === undefined ? undefined : machineOf(state, description);
  if (machine === undefined) return undefined;
  return wrongState("drain_agent", `of a machine without a maintenance window, ${describeMachine(machine.id)} of agent ${agentId} has one`);
}

type Order = Extract<RegistryOp, { kind: "deactivateAgent" | "reactivateAgent" }>;

function order(turn: Turn, op: Order): void {
  turn.state.orderedAgents.add(op.agentId);
  propose(turn, op);
}

function wrongState(call: string, rule: string): Refusal {
  return { code: "FAILED_PRECONDITION", message: `${call}.agent_id must be ${rule}` };
}
