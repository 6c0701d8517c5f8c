/**
 * What operators order of an agent's resources, from the order until the agent's answer: it is durable there, or it had no effect. An
 * answer comes over the link that the order went out on; when that link is lost nobody can say what became of it.
 */

import type { ReportedOperation } from "./agent-message.ts";
import type { Agent } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The agent says how an operation ended that no framework waits for. */
export function settleResourceOrder(turn: Turn, agent: Agent, { key, status }: ReportedOperation): void {
  const order = turn.state.resourceOrders.get(key.uuid);
  if (order === undefined || order.agentId !== agent.agentId) return;
  turn.state.resourceOrders.delete(key.uuid);
  const { callId } = order;
  if (status.state === "OPERATION_FINISHED") {
    turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
    return;
  }
  const message = `agent ${agent.agentId} did not do it: ${status.message ?? status.state}; look at its resources, then try again`;
  turn.emit({ kind: "operatorRefuse", callId, refusal: { code: "FAILED_PRECONDITION", message } });
}

/** Answers the orders whose agent cannot answer any more. */
export function checkResourceOrders(turn: Turn): void {
  const { agents, resourceOrders } = turn.state;
  for (const { uuid, agentId, linkId, callId } of resourceOrders.values()) {
    if (agents.get(agentId)?.linkId === linkId) continue;
    resourceOrders.delete(uuid);
    const message = `agent ${agentId} was lost before it answered; look at its resources when it is back`;
    turn.emit({ kind: "operatorRefuse", callId, refusal: { code: "UNAVAILABLE", message } });
  }
}
