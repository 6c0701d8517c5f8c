/** What each call of an operator does. Questions are answered at once, orders when they are durable; a refusal has no effect. */

import type { Refusal } from "../../../common/result.ts";
import { deactivateAgent, drainAgent, reactivateAgent } from "../agents/deactivation.ts";
import { markAgentGone } from "../agents/gone.ts";
import type { CallId } from "../input.ts";
import { startMaintenance, stopMaintenance, updateSchedule } from "../maintenance/change-schedule.ts";
import type { Turn } from "../turn.ts";
import type { OperatorCall, OperatorQuestion } from "./operator-call.ts";
import { operatorResponse } from "./operator-response.ts";

export function dispatchOperatorCall(turn: Turn, callId: CallId, call: OperatorCall): void {
  switch (call.kind) {
    case "drainAgent":
    case "deactivateAgent":
    case "reactivateAgent":
    case "markAgentGone":
    case "updateSchedule":
    case "startMaintenance":
    case "stopMaintenance": {
      const refusal = takeOrder(turn, callId, call);
      if (refusal !== undefined) turn.emit({ kind: "operatorRefuse", callId, refusal });
      return;
    }
    default:
      turn.emit({ kind: "operatorReply", callId, response: operatorResponse(turn, call) });
  }
}

/** Undefined when the order will be answered later. */
function takeOrder(turn: Turn, callId: CallId, call: Exclude<OperatorCall, OperatorQuestion>): Refusal | undefined {
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
      return updateSchedule(turn, callId, call.windows);
    case "startMaintenance":
      return startMaintenance(turn, callId, call.machineIds);
    case "stopMaintenance":
      return stopMaintenance(turn, callId, call.machineIds);
  }
}
