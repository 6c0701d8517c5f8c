/** What must hold between the master's books after every step. Each check names the things and the numbers. */

import { assert } from "../../common/assert.ts";
import {
  coversResources,
  describeResources,
  equalResources,
  type Resources,
  sumResources,
  unallocateResources,
} from "../../common/resources.ts";
import { isTerminal } from "../../common/task-state.ts";
import { unusedResources } from "./allocator/accounting.ts";
import { countQuantities, describeQuantities, equalQuantities, type Quantities } from "./allocator/share.ts";
import { checkMaintenance } from "./maintenance/maintenance-invariants.ts";
import { checkRoles } from "./roles/role-invariants.ts";
import type { Agent, Framework, MasterState, Task } from "./state.ts";

/** Throws InvariantError at the first that does not hold. */
export function checkInvariants(state: MasterState): void {
  for (const agent of state.agents.values()) checkAgent(state, agent);
  for (const framework of state.frameworks.values()) checkFramework(state, framework);
  checkAgentLists(state);
  checkOffers(state);
  checkTotals(state);
  checkResourceOrders(state);
  checkMaintenance(state);
  checkRoles(state);
}

function checkAgent(state: MasterState, agent: Agent): void {
  const { agentId, linkId } = agent;
  const parts: Resources[] = [];
  for (const offer of agent.offers) parts.push(unallocateResources(offer.resources));
  for (const task of agent.tasks) {
    const known = state.frameworks.get(task.frameworkId)?.tasks.get(task.taskId);
    assert(known === task, `task ${task.taskId} is on agent ${agentId} but not in framework ${task.frameworkId}`);
    if (task.holdsResources) parts.push(unallocateResources(task.resources));
  }
  for (const executor of agent.executors.values()) {
    const isListed = state.frameworks.get(executor.frameworkId)?.executors.has(executor) === true;
    assert(isListed, `executor ${executor.executorId} is on agent ${agentId} but not in framework ${executor.frameworkId}`);
    parts.push(unallocateResources(executor.resources));
  }
  const used = sumResources(parts);
  assert(
    equalResources(agent.used, used),
    () =>
      `agent ${agentId} counts ${describeResources(agent.used)} as used, its offers, executors and tasks are ${describeResources(used)}`,
  );
  checkOffered(agent, used);
  for (const operation of agent.operations) {
    const { uuid, frameworkId } = operation.key;
    const known = state.frameworks.get(frameworkId)?.operations.get(uuid);
    assert(known === operation, `operation ${uuid} is on agent ${agentId} but not in framework ${frameworkId}`);
  }
  if (agent.free !== undefined) checkFree(agent, agent.free, unusedResources(agent.total, used));
  if (linkId === undefined) {
    const isLeaving = state.agentChanges.get(agentId) === "removing";
    assert(agent.offers.size === 0 || isLeaving, `agent ${agentId} is disconnected and has ${agent.offers.size} offers`);
  } else {
    assert(state.links.get(linkId)?.agentId === agentId, `agent ${agentId} is connected by link ${linkId}, which is not its own`);
  }
}

function checkFree({ agentId }: Agent, counted: Resources, free: Resources): void {
  assert(
    equalResources(counted, free),
    () => `agent ${agentId} takes ${describeResources(counted)} for free, ${describeResources(free)} is`,
  );
}

/** An agent that came back smaller than its tasks may use too much of something; of that it has nothing to offer. */
function checkOffered(agent: Agent, used: Resources): void {
  if (agent.offers.size === 0) return;
  const names = new Set<string>();
  for (const { resources } of agent.offers) for (const { name } of resources) names.add(name);
  const { total } = agent;
  const usedOfOffered = used.filter((resource) => names.has(resource.name));
  assert(
    coversResources(total, usedOfOffered),
    () => `agent ${agent.agentId} has ${describeResources(total)} and offers beside ${describeResources(used)}`,
  );
}

function checkFramework(state: MasterState, framework: Framework): void {
  const { frameworkId, connection, offers } = framework;
  if (connection.kind === "connected") {
    const stream = state.streams.get(connection.streamId);
    assert(
      stream?.frameworkId === frameworkId,
      `framework ${frameworkId} is connected by stream ${connection.streamId}, which is not its own`,
    );
  } else {
    assert(offers.size === 0, `framework ${frameworkId} is ${connection.kind} and has ${offers.size} offers`);
  }
  for (const task of framework.tasks.values()) {
    const isOnAgent = state.agents.get(task.agentId)?.tasks.has(task) === true;
    assert(isOnAgent, `task ${task.taskId} of framework ${frameworkId} is not on agent ${task.agentId}`);
    assert(!framework.unreachableTasks.has(task.taskId), `task ${task.taskId} of framework ${frameworkId} is both active and unreachable`);
    assert(
      task.holdsResources !== isTerminal(task.state),
      `task ${task.taskId} is ${task.state} and holdsResources is ${task.holdsResources}`,
    );
  }
  for (const { agentId, executorId } of framework.executors) {
    assert(state.agents.has(agentId), `executor ${executorId} of framework ${frameworkId} is on agent ${agentId}, which is not registered`);
  }
  for (const task of framework.unreachableTasks.values()) {
    assert(!task.holdsResources, `task ${task.taskId} of framework ${frameworkId} is unreachable and holds resources`);
  }
  for (const operation of framework.operations.values()) {
    const isOnAgent = state.agents.get(operation.agentId)?.operations.has(operation) === true;
    assert(isOnAgent, `operation ${operation.key.uuid} of framework ${frameworkId} is not on agent ${operation.agentId}`);
  }
  checkShares(framework);
}

function checkShares(framework: Framework): void {
  const expected = new Map<string, Map<string, number>>();
  const count = ({ role, resources }: Pick<Task, "role" | "resources">): void => {
    let quantities = expected.get(role);
    if (quantities === undefined) {
      quantities = new Map();
      expected.set(role, quantities);
    }
    countQuantities(quantities, resources, 1);
  };
  framework.offers.forEach(count);
  framework.executors.forEach(count);
  for (const task of framework.tasks.values()) if (task.holdsResources) count(task);
  for (const role of new Set([...expected.keys(), ...framework.shares.keys()])) {
    const counted = framework.shares.get(role)?.quantities ?? nothing;
    const held = expected.get(role) ?? nothing;
    assert(
      equalQuantities(counted, held),
      () =>
        `framework ${framework.frameworkId} counts ${describeQuantities(counted)} in role ${role} and holds ${describeQuantities(held)}`,
    );
  }
}

function checkAgentLists(state: MasterState): void {
  for (const [agentId, { departure }] of state.agents) {
    assert(!state.recoveredAgents.has(agentId), `agent ${agentId} is registered and recovered`);
    assert(!state.unreachableAgents.has(agentId), `agent ${agentId} is registered and unreachable`);
    const isRetired = state.removedAgents.has(agentId);
    assert(isRetired === (departure?.isRetired === true), `agent ${agentId} is registered and ${isRetired ? "" : "not "}retired`);
  }
  for (const agentId of state.recoveredAgents.keys()) {
    assert(!state.unreachableAgents.has(agentId), `agent ${agentId} is recovered and unreachable`);
    assert(!state.removedAgents.has(agentId), `agent ${agentId} is recovered and retired`);
  }
}

function checkOffers(state: MasterState): void {
  let offerCount = 0;
  for (const agent of state.agents.values()) offerCount += agent.offers.size;
  assert(offerCount === state.offers.size, `agents have ${offerCount} offers, the master ${state.offers.size}`);
  for (const offer of state.offers.values()) {
    const { offerId, agent, framework } = offer;
    assert(state.agents.get(agent.agentId) === agent && agent.offers.has(offer), `offer ${offerId} is not on agent ${agent.agentId}`);
    const isOwned = state.frameworks.get(framework.frameworkId) === framework && framework.offers.has(offer);
    assert(isOwned, `offer ${offerId} is not of framework ${framework.frameworkId}`);
  }
}

function checkResourceOrders(state: MasterState): void {
  for (const { uuid, agentId, linkId } of state.resourceOrders.values()) {
    const link = state.agents.get(agentId)?.linkId;
    assert(link === linkId, `order ${uuid} waits for agent ${agentId} on link ${linkId}, which is on ${link ?? "none"}`);
  }
}

function checkTotals(state: MasterState): void {
  const expected = new Map<string, number>();
  for (const agent of state.agents.values()) countQuantities(expected, agent.total, 1);
  const { totals } = state.allocation;
  assert(
    equalQuantities(totals, expected),
    () => `the cluster counts ${describeQuantities(totals)}, its agents have ${describeQuantities(expected)}`,
  );
}

const nothing: Quantities = new Map();
