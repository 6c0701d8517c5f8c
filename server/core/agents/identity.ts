/**
 * Whether whoever speaks for an agent id is that agent: it brings the credential with which the id was admitted. Only the agent and the
 * registry know it, so a stranger on the network can neither take an id over nor say that its agent leaves.
 */

import type { AgentId, Uuid } from "../../../common/ids.ts";
import type { AgentDescription } from "../agent-message.ts";
import type { Link, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { closeLink } from "./connection.ts";

/** What the master knows of an agent that may come back or leave; undefined for an id that is retired or was never given. */
export function knownAgent(state: MasterState, agentId: AgentId): AgentDescription | undefined {
  return state.agents.get(agentId)?.description ?? state.recoveredAgents.get(agentId) ?? state.unreachableAgents.get(agentId)?.description;
}

/** Ends the link of one who brings another credential than the agent of that id; says whether it did. */
export function isImpostor(turn: Turn, link: Link, { agentId, credential }: { agentId: AgentId; credential?: Uuid | undefined }): boolean {
  const expected = knownAgent(turn.state, agentId)?.credential;
  if (expected === undefined || expected === credential) return false;
  log(turn, "refused a stranger that speaks for an agent", { agentId, peer: link.peer });
  closeLink(turn, link.linkId, { code: "PERMISSION_DENIED", message: `credential must be that of agent ${agentId}` });
  return true;
}
