/**
 * What operators order of an agent's resources: reservations and volumes. It takes resources that are free, or that are only offered:
 * those offers are rescinded, one after the other until it is enough. The master takes the change for granted, as for frameworks, and
 * answers when the agent has it on disk. A refusal has no effect. Source: Mesos Master::Http::_operation.
 */

import type { AgentId } from "../../../common/ids.ts";
import { applyConversion, conversionOf, type ResourceOperation } from "../../../common/resource-operations.ts";
import {
  addResources,
  containsResources,
  describeResources,
  equalResources,
  type Resources,
  subtractResources,
  unallocateResources,
} from "../../../common/resources.ts";
import type { Refusal } from "../../../common/result.ts";
import { sendToAgent } from "../agents/connection.ts";
import { orderRefusal } from "../agents/orders.ts";
import { changeTotal, freeResources } from "../allocator/accounting.ts";
import type { CallId } from "../input.ts";
import { resourceOrdersMax } from "../limits.ts";
import { standingOf } from "../maintenance/agent-machine.ts";
import { offersOfShared, rescindOffer } from "../offers.ts";
import type { Agent, MasterState, Offer } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { noteAgent } from "../watch.ts";
import { resourceOrderProblem } from "./resource-order-problem.ts";

/** The message's name in the protocol. */
const callNames = {
  reserve: "reserve_resources",
  unreserve: "unreserve_resources",
  create: "create_volumes",
  destroy: "destroy_volumes",
  growVolume: "grow_volume",
  shrinkVolume: "shrink_volume",
} as const satisfies Record<ResourceOperation["kind"], string>;

interface ChangeOrder {
  readonly agentId: AgentId;
  readonly operation: ResourceOperation;
}

export function changeResources(turn: Turn, callId: CallId, { agentId, operation }: ChangeOrder): Refusal | undefined {
  const { state } = turn;
  const call = callNames[operation.kind];
  const agent = state.agents.get(agentId);
  const refusal = orderRefusal(state, agentId, call) ?? standingRefusal(state, agentId, call);
  if (refusal !== undefined) return refusal;
  if (agent?.linkId === undefined) return wrongState(call, `of a connected agent, ${agentId} ${whereabouts(state, agentId)}`);
  if (state.resourceOrders.size >= resourceOrdersMax) {
    return { code: "RESOURCE_EXHAUSTED", message: `${resourceOrdersMax} orders about resources wait for their agents; try again` };
  }
  const problem = resourceOrderProblem(call, operation, agent);
  if (problem !== undefined) return { code: "INVALID_ARGUMENT", message: problem };
  const conversion = conversionOf(operation);
  const total = applyConversion(agent.total, conversion);
  const offers = offersInTheWay(agent, operation, conversion.consumed);
  if (total === undefined || offers === undefined) {
    return {
      code: "FAILED_PRECONDITION",
      message: `${call} must be about resources that are free: ${whatIsLeft(agent, conversion.consumed)}`,
    };
  }
  for (const offer of offers) rescindOffer(turn, offer);
  changeTotal(state, agent, total);
  noteAgent(state, agentId);
  const uuid = state.operationUuids.uuid();
  state.resourceOrders.set(uuid, { uuid, agentId, linkId: agent.linkId, operation, callId });
  const key = { uuid, frameworkId: undefined, operationId: undefined };
  sendToAgent(turn, agent, { kind: "applyOperation", key, operation, resourceVersion: agent.resourceVersion });
  log(turn, "operator changes resources", { agentId, operation: operation.kind, offers: offers.length });
  return undefined;
}

/** The offers to take back so that all of `needed` is free; undefined when that would not help. */
function offersInTheWay(agent: Agent, operation: ResourceOperation, needed: Resources): readonly Offer[] | undefined {
  const rescinded: Offer[] = [];
  let free = freeResources(agent);
  for (const offer of agent.offers) {
    if (containsResources(free, needed)) break;
    const offered = unallocateResources(offer.resources);
    if (equalResources(subtractResources(offered, needed), offered)) continue;
    rescinded.push(offer);
    free = addResources(free, withoutShared(offered));
  }
  if (!containsResources(free, needed)) return undefined;
  return operation.kind === "destroy" ? [...new Set([...rescinded, ...offersOfShared(agent, needed)])] : rescinded;
}

function withoutShared(resources: Resources): Resources {
  return resources.filter(({ shared }) => shared !== true);
}

function whatIsLeft(agent: Agent, needed: Resources): string {
  const offered = [...agent.offers].map(({ resources }) => withoutShared(unallocateResources(resources)));
  const left = offered.reduce(addResources, freeResources(agent));
  return `free or offered are ${describeResources(left)}; asked are ${describeResources(needed)}`;
}

/** An agent that is being emptied takes nothing on; one that is only deactivated does. */
function standingRefusal(state: MasterState, agentId: AgentId, call: string): Refusal | undefined {
  const agent = state.agents.get(agentId);
  const drain = agent === undefined ? state.deactivations.get(agentId)?.drain : standingOf(state, agent)?.drain;
  return drain?.phase === "draining" ? wrongState(call, `of an agent that does not drain, ${agentId} does`) : undefined;
}

function whereabouts(state: MasterState, agentId: AgentId): string {
  if (state.unreachableAgents.has(agentId)) return "is unreachable";
  return state.recoveredAgents.has(agentId) ? "has not come back since this master leads" : "is disconnected";
}

function wrongState(call: string, rule: string): Refusal {
  return { code: "FAILED_PRECONDITION", message: `${call}.agent_id must be ${rule}` };
}
