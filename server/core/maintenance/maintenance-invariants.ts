/** What must hold between the maintenance schedule, the agents of its machines and the inverse offers. */

import { assert } from "../../../common/assert.ts";
import type { MasterState } from "../state.ts";
import { machineOf } from "./agent-machine.ts";
import { describeMachine, machineKey } from "./machine.ts";

export function checkMaintenance(state: MasterState): void {
  checkSchedule(state);
  checkAgents(state);
  checkInverseOffers(state);
}

function checkSchedule({ maintenance }: MasterState): void {
  const seen = new Set<string>();
  for (const { machines } of maintenance.schedule) {
    for (const { id, mode, revocation } of machines) {
      const [key, name] = [machineKey(id), describeMachine(id)];
      assert(!seen.has(key), `machine ${name} is in two windows`);
      seen.add(key);
      assert(maintenance.machines.get(key)?.mode === mode, `machine ${name} is ${mode} in the schedule, and not so in the index`);
      assert(mode === "draining" || revocation === undefined, `machine ${name} is down and is being emptied`);
    }
  }
  assert(seen.size === maintenance.machines.size, `${seen.size} machines are scheduled, the index has ${maintenance.machines.size}`);
  assert(maintenance.checks.size === 0, `${maintenance.checks.size} agents were not held against the schedule`);
}

/** An agent whose machine is DOWN is on its way out. */
function checkAgents(state: MasterState): void {
  for (const { agentId, description } of state.agents.values()) {
    const isDown = machineOf(state, description)?.mode === "down";
    assert(!isDown || state.agentChanges.has(agentId), `agent ${agentId} is registered, its machine is down`);
  }
}

function checkInverseOffers(state: MasterState): void {
  let count = 0;
  for (const { agentId, inverseOffers, inverseAnswers, description } of state.agents.values()) {
    const machine = machineOf(state, description);
    count += inverseOffers.size;
    for (const [frameworkId, inverseOffer] of inverseOffers) {
      const { inverseOfferId, framework, unavailability } = inverseOffer;
      assert(state.inverseOffers.get(inverseOfferId) === inverseOffer, `inverse offer ${inverseOfferId} is on agent ${agentId} alone`);
      assert(framework.frameworkId === frameworkId, `inverse offer ${inverseOfferId} is on agent ${agentId} for another framework`);
      const isKnown = state.frameworks.get(frameworkId) === framework && framework.inverseOffers.has(inverseOffer);
      assert(isKnown, `inverse offer ${inverseOfferId} is not of framework ${frameworkId}`);
      assert(framework.connection.kind === "connected", `inverse offer ${inverseOfferId} is of a framework that is not connected`);
      const isStanding = machine?.unavailability.startNs === unavailability.startNs;
      assert(isStanding || state.agentChanges.has(agentId), `inverse offer ${inverseOfferId} is not for the window of agent ${agentId}`);
    }
    const isMoot = machine === undefined && !state.agentChanges.has(agentId);
    assert(!isMoot || inverseAnswers.size === 0, `agent ${agentId} has answers to inverse offers and no window`);
  }
  assert(count === state.inverseOffers.size, `agents have ${count} inverse offers, the master ${state.inverseOffers.size}`);
}
