/** Offers from their creation to their end: accepted, declined, rescinded, timed out or discarded. */

import { type ExecutorId, OfferId } from "../../common/ids.ts";
import { allocateResources, containsResources, type Resources, sharedResources, unallocateResources } from "../../common/resources.ts";
import { returnResources, takeResources } from "./allocator/accounting.ts";
import { hasCapability } from "./capabilities.ts";
import { machineOf } from "./maintenance/agent-machine.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Agent, Framework, MasterState, Offer } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Takes `resources` of the agent for an offer. It is announced by `sendOffers`. */
export function createOffer(
  turn: Turn,
  { framework, agent, role }: { framework: Framework; agent: Agent; role: string },
  resources: Resources,
): Offer {
  const { state, config, nowMs } = turn;
  const offerId = OfferId(`${config.masterId}-O${state.counters.offers++}`);
  const offer: Offer = { offerId, framework, agent, role, resources: allocateResources(resources, role) };
  takeResources(state, offer);
  state.offers.set(offerId, offer);
  agent.offers.add(offer);
  framework.offers.add(offer);
  if (config.offerTimeoutMs !== undefined) state.deadlines.offers.set(offerId, nowMs + config.offerTimeoutMs);
  return offer;
}

/** Tells a framework of the offers that it won in one allocation run. */
export function sendOffers(turn: Turn, framework: Framework, offers: readonly Offer[]): void {
  const isRefining = hasCapability(framework.description, "reservationRefinement");
  sendEvent(turn, framework, {
    kind: "offers",
    offers: offers.map(({ offerId, agent, role, resources }) => ({
      offerId,
      frameworkId: framework.frameworkId,
      agentId: agent.agentId,
      role,
      resources,
      executorIds: executorIdsOf(framework, agent),
      agentInfo: agent.description.info,
      multiRole: framework.description.multiRole,
      reservationRefinement: isRefining,
      unavailability: machineOf(turn.state, agent.description)?.unavailability,
    })),
  });
}

/** The framework's executors on the agent. */
export function executorIdsOf(framework: Framework, agent: Agent): readonly ExecutorId[] {
  return [...agent.executors.values()].filter((one) => one.frameworkId === framework.frameworkId).map((one) => one.executorId);
}

/** Ends an offer whose resources go on to tasks; the caller says what becomes of them. */
export function consumeOffer(state: MasterState, offer: Offer): void {
  state.offers.delete(offer.offerId);
  offer.agent.offers.delete(offer);
  offer.framework.offers.delete(offer);
  state.deadlines.offers.delete(offer.offerId);
}

/** Ends an offer without telling the framework. */
export function discardOffer(state: MasterState, offer: Offer): void {
  consumeOffer(state, offer);
  returnResources(state, offer);
}

/** Takes an offer back. */
export function rescindOffer(turn: Turn, offer: Offer): void {
  discardOffer(turn.state, offer);
  sendEvent(turn, offer.framework, { kind: "rescind", offerId: offer.offerId });
}

/** The offers that have any of these volumes, if they are shared: each is free as long as it is there, and may be offered all the same. */
export function offersOfShared(agent: Agent, volumes: Resources): readonly Offer[] {
  const shared = sharedResources(volumes);
  if (shared.length === 0) return [];
  return [...agent.offers].filter(({ resources }) => {
    const offered = sharedResources(unallocateResources(resources));
    return shared.some((volume) => containsResources(offered, [volume]));
  });
}

/** Holds `resources` of the agent back from the framework for a while. Source: Mesos, the filter ends only after the next batch. */
export function refuseResources(
  turn: Turn,
  offer: Pick<Offer, "framework" | "agent" | "role">,
  refused: Resources,
  refuseMs: number,
): void {
  if (refuseMs <= 0) return;
  const { nowMs, config } = turn;
  const untilMs = nowMs + Math.max(refuseMs, config.allocationIntervalMs);
  offer.framework.filters.add({ role: offer.role, agentId: offer.agent.agentId }, refused, { nowMs, untilMs });
}
