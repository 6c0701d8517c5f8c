/**
 * Inverse offers from their creation to their end: they ask a framework to give back what it has on an agent whose machine has a
 * maintenance window. One is outstanding at most for each framework and agent; it is sent in the step in which it is made, so none is
 * ever waited for that the framework has not heard of. Source: Mesos HierarchicalAllocatorProcess::generateInverseOffers.
 */

import { InverseOfferId } from "../../common/ids.ts";
import { machineOf } from "./maintenance/agent-machine.ts";
import type { ScheduledMachine } from "./maintenance/schedule.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Agent, Framework, InverseOffer, MasterState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Asks every framework that has something on one of these agents, and is not asked already. */
export function askForReturn(turn: Turn, agents: Iterable<Agent>): void {
  const { state } = turn;
  if (state.maintenance.machines.size === 0) return;
  const made = new Map<Framework, InverseOffer[]>();
  for (const agent of agents) {
    const machine = askedMachine(state, agent);
    if (machine === undefined) continue;
    for (const framework of holdersOf(state, agent)) {
      if (!isToBeAsked(turn, framework, agent)) continue;
      const inverseOffer = createInverseOffer(turn, { framework, agent, unavailability: machine.unavailability });
      const own = made.get(framework);
      if (own === undefined) made.set(framework, [inverseOffer]);
      else own.push(inverseOffer);
    }
  }
  for (const [framework, inverseOffers] of made) sendInverseOffers(turn, framework, inverseOffers);
}

/** The machine, if what is on the agent should be returned; of an agent that drains it is taken. */
function askedMachine(state: MasterState, agent: Agent): ScheduledMachine | undefined {
  const { agentId, linkId, description } = agent;
  if (linkId === undefined || state.agents.get(agentId) !== agent) return undefined;
  if (state.agentChanges.has(agentId) || state.deactivations.has(agentId)) return undefined;
  const machine = machineOf(state, description);
  return machine?.mode === "draining" && machine.revocation === undefined ? machine : undefined;
}

/** Frameworks with an offer, a task, an executor or an operation there. */
function holdersOf(state: MasterState, agent: Agent): Set<Framework> {
  const holders = new Set<Framework>();
  for (const { framework } of agent.offers) holders.add(framework);
  const add = (frameworkId: Framework["frameworkId"]): void => {
    const framework = state.frameworks.get(frameworkId);
    if (framework !== undefined) holders.add(framework);
  };
  for (const { frameworkId, holdsResources } of agent.tasks) if (holdsResources) add(frameworkId);
  for (const { frameworkId } of agent.executors.values()) add(frameworkId);
  for (const { key } of agent.operations) add(key.frameworkId);
  return holders;
}

function isToBeAsked({ nowMs }: Turn, framework: Framework, agent: Agent): boolean {
  if (framework.connection.kind !== "connected" || framework.isCompleting) return false;
  if (agent.inverseOffers.has(framework.frameworkId)) return false;
  const filteredUntilMs = framework.inverseFilters.get(agent.agentId);
  return filteredUntilMs === undefined || filteredUntilMs <= nowMs;
}

function createInverseOffer(turn: Turn, asked: Omit<InverseOffer, "inverseOfferId">): InverseOffer {
  const { state, config, nowMs } = turn;
  const { framework, agent } = asked;
  const inverseOfferId = InverseOfferId(`${config.masterId}-O${state.counters.offers++}`);
  const inverseOffer = { inverseOfferId, ...asked };
  state.inverseOffers.set(inverseOfferId, inverseOffer);
  agent.inverseOffers.set(framework.frameworkId, inverseOffer);
  framework.inverseOffers.add(inverseOffer);
  framework.inverseFilters.delete(agent.agentId);
  if (config.offerTimeoutMs !== undefined) state.deadlines.inverseOffers.set(inverseOfferId, nowMs + config.offerTimeoutMs);
  return inverseOffer;
}

function sendInverseOffers(turn: Turn, framework: Framework, inverseOffers: readonly InverseOffer[]): void {
  const { frameworkId } = framework;
  sendEvent(turn, framework, {
    kind: "inverseOffers",
    inverseOffers: inverseOffers.map(({ inverseOfferId, agent, unavailability }) => ({
      inverseOfferId,
      frameworkId,
      agentId: agent.agentId,
      unavailability,
    })),
  });
}

/** Ends an inverse offer without telling the framework. */
export function discardInverseOffer(state: MasterState, inverseOffer: InverseOffer): void {
  const { inverseOfferId, agent, framework } = inverseOffer;
  state.inverseOffers.delete(inverseOfferId);
  state.deadlines.inverseOffers.delete(inverseOfferId);
  agent.inverseOffers.delete(framework.frameworkId);
  framework.inverseOffers.delete(inverseOffer);
}

/** Takes an inverse offer back: the question does not stand any more. */
export function rescindInverseOffer(turn: Turn, inverseOffer: InverseOffer): void {
  discardInverseOffer(turn.state, inverseOffer);
  sendEvent(turn, inverseOffer.framework, { kind: "rescindInverseOffer", inverseOfferId: inverseOffer.inverseOfferId });
}
