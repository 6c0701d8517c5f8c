/** What follows once an operation is durable in the registry. */

import { assertNever } from "../../common/assert.ts";
import { tasksAbandoned } from "./agents/abandonment.ts";
import { agentDeactivated, agentDrained, agentReactivated } from "./agents/deactivation.ts";
import { agentRemoved, agentRetired, agentUnreachable } from "./agents/departure.ts";
import { agentGone, goneAnnounced } from "./agents/gone.ts";
import { forgetOrders } from "./agents/orders.ts";
import { agentAdmitted } from "./agents/registration.ts";
import { agentReturned } from "./agents/reregistration.ts";
import { frameworkChanged } from "./calls/update-framework.ts";
import { frameworkCompleted, frameworkSubscribed } from "./frameworks.ts";
import { scheduleChanged } from "./maintenance/apply-schedule.ts";
import type { RegistryOp } from "./registry-op.ts";
import { quotasChanged } from "./roles/change-quota.ts";
import { weightsChanged } from "./roles/change-weights.ts";
import type { MasterState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { noteOp } from "./watch.ts";

export function applied(turn: Turn, op: RegistryOp): void {
  noteOp(turn.state, op);
  switch (op.kind) {
    case "admitAgent":
      agentAdmitted(turn, op);
      return;
    case "updateAgent":
    case "markReachable":
      agentReturned(turn, op.returning);
      return;
    case "abandonTasks":
      tasksAbandoned(turn, op);
      return;
    case "markUnreachable":
      agentUnreachable(turn, op);
      return;
    case "retireAgent":
      agentRetired(turn, op);
      return;
    case "removeAgent":
      agentRemoved(turn, op);
      return;
    case "deactivateAgent":
      agentDeactivated(turn, op);
      return;
    case "markDrained":
      agentDrained(turn, op);
      return;
    case "reactivateAgent":
      agentReactivated(turn, op);
      return;
    case "markGone":
      agentGone(turn, op);
      return;
    case "announceGone":
      goneAnnounced(turn, op);
      return;
    case "changeSchedule":
      scheduleChanged(turn, op);
      return;
    case "changeWeights":
      weightsChanged(turn, op);
      return;
    case "changeQuotas":
      quotasChanged(turn, op);
      return;
    case "admitFramework":
    case "updateFramework":
      frameworkSubscribed(turn, op.subscribing);
      return;
    case "changeFramework":
      frameworkChanged(turn, op);
      return;
    case "disconnectFramework":
      return; // The deadline counts in memory already; the record is for the masters that follow.
    case "completeFramework":
      frameworkCompleted(turn, op);
      return;
    case "refuseOrder":
      turn.emit({ kind: "operatorRefuse", callId: op.callId, refusal: op.refusal });
      return;
    case "forget":
      forget(turn.state, op);
      return;
    default:
      assertNever(op);
  }
}

function forget(state: MasterState, { agentIds, frameworkIds }: Extract<RegistryOp, { kind: "forget" }>): void {
  for (const agentId of agentIds) {
    state.removedAgents.delete(agentId);
    state.unreachableAgents.delete(agentId);
    state.goneAgents.delete(agentId);
    forgetOrders(state, agentId);
    state.abandonedAgents.delete(agentId);
  }
  for (const frameworkId of frameworkIds) state.retiredFrameworks.delete(frameworkId);
}
