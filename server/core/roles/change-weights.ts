/** UPDATE_WEIGHTS: what it changes is durable before it is answered. Source: Mesos master/weights_handler.cpp. */

import type { Refusal } from "../../../common/result.ts";
import { isSubRole } from "../../../common/roles.ts";
import type { CallId } from "../input.ts";
import { weightedRolesMax } from "../limits.ts";
import { rescindOffer } from "../offers.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import type { MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { withChanges } from "./role-settings.ts";
import { foreignRoleRefusal } from "./role-whitelist.ts";
import type { Weights } from "./weights.ts";

/** Sets the weights of the roles that `changes` names; the others keep theirs. Answered when it is durable. */
export function updateWeights(turn: Turn, callId: CallId, changes: Weights): Refusal | undefined {
  const { weights } = turn.state;
  const refusal = foreignRoleRefusal(turn.config, changes.keys(), "update_weights.weight_infos.role");
  if (refusal !== undefined) return refusal;
  const next = withChanges(weights, changes, (weight) => weight === 1);
  if (next.size > weightedRolesMax) {
    const message = `at most ${weightedRolesMax} roles may have a weight other than 1, with update_weights.weight_infos ${next.size} would`;
    return { code: "RESOURCE_EXHAUSTED", message };
  }
  weights.proposed = next;
  propose(turn, { kind: "changeWeights", weights: next, changed: [...changes.keys()], callId });
  return undefined;
}

/** The order among roles is another one from now on: what is offered by the older one goes back, unless no framework is concerned. */
export function weightsChanged(turn: Turn, { weights, changed, callId }: Extract<RegistryOp, { kind: "changeWeights" }>): void {
  const { state } = turn;
  state.weights.current = weights;
  for (const role of changed) log(turn, "weight of role changed", { role, weight: weights.get(role) ?? 1 });
  if (changed.some((role) => isActive(state, role))) for (const offer of [...state.offers.values()]) rescindOffer(turn, offer);
  turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
}

/** Whether a framework is in the role or below it. */
function isActive({ frameworks }: MasterState, role: string): boolean {
  for (const { description } of frameworks.values()) {
    if (description.roles.some((own) => own === role || isSubRole(own, role))) return true;
  }
  return false;
}
