/** What every order of an operator about an agent has in common: who can be ordered about, and where orders end. */

import type { AgentId } from "../../../common/ids.ts";
import type { Refusal } from "../../../common/result.ts";
import type { MasterState } from "../state.ts";
import { knownAgent } from "./identity.ts";

/** `call` is the message's name in the protocol: orders go to agents that may come back or stay. */
export function orderRefusal(state: MasterState, agentId: AgentId, call: string): Refusal | undefined {
  if (knownAgent(state, agentId) === undefined) {
    const why = state.goneAgents.has(agentId) ? "is gone" : state.removedAgents.has(agentId) ? "has left" : "is not known";
    return { code: "NOT_FOUND", message: `${call}.agent_id must be of an agent of the cluster, ${agentId} ${why}` };
  }
  const change = state.agentChanges.get(agentId);
  if (change === "removing" || change === "markingGone") {
    return { code: "UNAVAILABLE", message: `${call}.agent_id must not be of an agent that is leaving at this moment, ${agentId} is` };
  }
  if (!state.orderedAgents.has(agentId)) return undefined;
  return { code: "UNAVAILABLE", message: `another order about agent ${agentId} is being written; look at the agent, then try again` };
}

/** Nothing is ordered about an id that is never used again. */
export function forgetOrders(state: MasterState, agentId: AgentId): void {
  state.deactivations.delete(agentId);
  state.drainChecks.delete(agentId);
}
