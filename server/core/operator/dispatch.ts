/** What each call of an operator does. Questions are answered at once, orders when they are durable; a refusal has no effect. */

import type { Refusal } from "../../../common/result.ts";
import { deactivateAgent, drainAgent, reactivateAgent } from "../agents/deactivation.ts";
import { markAgentGone } from "../agents/gone.ts";
import type { CallId } from "../input.ts";
import { startMaintenance, stopMaintenance, updateSchedule } from "../maintenance/change-schedule.ts";
import { isIdle, propose } from "../registrar.ts";
import { removeQuota, setQuota, updateQuota } from "../roles/change-quota.ts";
import { updateWeights } from "../roles/change-weights.ts";
import type { Turn } from "../turn.ts";
import { changeResources } from "./change-resources.ts";
import { killTask } from "./kill-task.ts";
import type { OperatorCall } from "./operator-call.ts";
import { operatorResponse } from "./operator-response.ts";
import { teardown } from "./teardown.ts";

export function dispatchOperatorCall(turn: Turn, callId: CallId, call: OperatorCall): void {
  const refusal = takeCall(turn, callId, call);
  if (refusal !== undefined) turn.emit({ kind: "operatorRefuse", callId, refusal });
}

/** Undefined when the call is answered, or will be. A new order has to be named here: only questions have an answer at once. */
function takeCall(turn: Turn, callId: CallId, call: OperatorCall): Refusal | undefined {
  switch (call.kind) {
    case "drainAgent":
      return drainAgent(turn, callId, call);
    case "deactivateAgent":
      return deactivateAgent(turn, callId, call.agentId);
    case "reactivateAgent":
      return reactivateAgent(turn, callId, call.agentId);
    case "markAgentGone":
      return markAgentGone(turn, callId, call.agentId);
    case "updateSchedule":
      return onceDurable(turn, callId, updateSchedule(turn, callId, call));
    case "startMaintenance":
      return onceDurable(turn, callId, startMaintenance(turn, callId, call.machineIds));
    case "stopMaintenance":
      return onceDurable(turn, callId, stopMaintenance(turn, callId, call.machineIds));
    case "updateQuota":
      return onceDurable(turn, callId, updateQuota(turn, callId, call));
    case "setQuota":
      return onceDurable(turn, callId, setQuota(turn, callId, call));
    case "removeQuota":
      return onceDurable(turn, callId, removeQuota(turn, callId, call.role));
    case "updateWeights":
      return updateWeights(turn, callId, call.weights);
    case "teardown":
      return teardown(turn, callId, call.frameworkId);
    case "killTask":
      return killTask(turn, callId, call);
    case "changeResources":
      return changeResources(turn, callId, call);
    default:
      turn.emit({ kind: "operatorReply", callId, response: operatorResponse(turn, call) });
      return undefined;
  }
}

/**
 * These orders are held against what may still be on its way into the registry. Nobody hears of that before it is durable, by a refusal
 * neither: whoever asks next would be told of what was before it.
 */
function onceDurable(turn: Turn, callId: CallId, refusal: Refusal | undefined): Refusal | undefined {
  if (refusal === undefined || isIdle(turn.state.registrar)) return refusal;
  propose(turn, { kind: "refuseOrder", callId, refusal });
  return undefined;
}
