/** ACCEPT: uses offers for launches and for changes of resources, in order, against what is left of them. Source: Mesos Master::accept. */

import {
  addResources,
  type Resources,
  subtractResources,
  sumResources,
  unallocateResources,
  withSharedOnce,
} from "../../../common/resources.ts";
import type { Refusal } from "../../../common/result.ts";
import type { StatusReason } from "../../../common/task-status.ts";
import { returnResources } from "../allocator/accounting.ts";
import { consumeOffer, discardOffer, refuseResources } from "../offers.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Framework, Offer } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { OfferOperation, SchedulerCall, TaskDescription } from "./call.ts";
import { changeResources, refuseChange } from "./change-resources.ts";
import { launch } from "./launch.ts";
import { launchGroup } from "./launch-group.ts";
import { foreignOfferRefusal, ownOffers, validateOffers } from "./validate-offers.ts";

export function accept(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "accept" }>): Refusal | undefined {
  const { state } = turn;
  const validated = validateOffers(state, framework, call.offerIds);
  if (validated.kind === "invalid") {
    // Each task and each named operation is told what is wrong. Without one, the call has to.
    const refusal = call.operations.some(isTold) ? undefined : foreignOfferRefusal(state, framework, call);
    if (refusal !== undefined) return refusal;
    for (const offer of ownOffers(state, framework, call.offerIds)) discardOffer(state, offer);
    dropAll(turn, framework, call.operations, { reason: "REASON_INVALID_OFFERS", message: `Invalid offers: ${validated.problem}` });
    return undefined;
  }
  const { first, offers } = validated;
  for (const offer of offers) consumeOffer(state, offer);
  const offered = sumResources(offers.map((offer) => offer.resources));
  // Of a disconnected agent that is not leaving there is no offer.
  const { agentId } = first.agent;
  if (state.agentChanges.get(agentId) === "removing") {
    returnResources(state, { ...first, resources: offered });
    dropAll(turn, framework, call.operations, { reason: "REASON_AGENT_REMOVED", message: `Agent ${agentId} is leaving` });
    return undefined;
  }
  // Offers of several runs may each have what is shared; once is enough for everything.
  const usable = withSharedOnce(offered);
  returnResources(state, { ...first, resources: subtractResources(offered, usable) });
  const rest: Remainder = { usable, aside: [], changed: [] };
  for (const operation of call.operations) carryOut(turn, first, { rest, operation });
  returnResources(state, { ...first, resources: addResources(rest.usable, rest.aside) });
  // What an operation changed is not what was offered, so it was not refused.
  refuseResources(turn, first, unallocateResources(subtractResources(rest.usable, rest.changed)), call.refuseMs);
  return undefined;
}

/** Whether somebody is told what becomes of an operation. */
function isTold(operation: OfferOperation): boolean {
  return "change" in operation ? operation.change.operationId !== undefined : tasksOf(operation).length > 0;
}

/** The tasks that an operation launches. */
function tasksOf(operation: Extract<OfferOperation, { kind: "launch" | "launchGroup" }>): readonly TaskDescription[] {
  return operation.kind === "launch" ? operation.tasks : operation.group.tasks;
}

/** What is left of the offers, with their role, while the operations go by. */
interface Remainder {
  usable: Resources;
  /** Resized volumes and what they gave back: later operations of the same call cannot use them. Source: the reference. */
  aside: Resources;
  /** What operations made. */
  changed: Resources;
}

function carryOut(turn: Turn, offer: Offer, { rest, operation }: { rest: Remainder; operation: OfferOperation }): void {
  if (operation.kind === "launch") {
    launch(turn, offer, { rest, tasks: operation.tasks });
    return;
  }
  if (operation.kind === "launchGroup") {
    launchGroup(turn, offer, { rest, group: operation.group });
    return;
  }
  const conversion = changeResources(turn, offer, { description: operation.change, usable: rest.usable });
  if (conversion === undefined) return;
  rest.usable = subtractResources(rest.usable, conversion.consumed);
  rest.changed = subtractResources(rest.changed, conversion.consumed);
  if (operation.kind === "growVolume" || operation.kind === "shrinkVolume") {
    rest.aside = addResources(rest.aside, conversion.converted);
    return;
  }
  rest.usable = addResources(rest.usable, conversion.converted);
  rest.changed = addResources(rest.changed, conversion.converted);
}

interface Drop {
  readonly reason: StatusReason;
  readonly message: string;
}

function dropAll(turn: Turn, framework: Framework, operations: readonly OfferOperation[], { reason, message }: Drop): void {
  for (const operation of operations) {
    if ("change" in operation) {
      refuseChange(turn, framework, operation.change, message);
      continue;
    }
    for (const { taskId, agentId } of tasksOf(operation)) {
      sendUpdate(turn, framework, { taskId, agentId, state: "TASK_DROPPED", reason, message });
    }
  }
}
