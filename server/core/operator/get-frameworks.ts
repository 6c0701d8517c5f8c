/** GET_FRAMEWORKS: those that go on, with their outstanding offers, and the last ones that ended. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { sumResources } from "../../../common/resources.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { Response_GetFrameworks, Response_GetFrameworks_Framework } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { Offer as OfferMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import { executorIdsOf } from "../offers.ts";
import type { CompletedFramework, Framework, MasterState, Offer } from "../state.ts";

export function getFrameworks(state: MasterState): Response_GetFrameworks {
  return {
    frameworks: [...state.frameworks.values()].map(toFrameworkMessage),
    completedFrameworks: state.completedFrameworks.toArray().map(toCompletedMessage),
    recoveredFrameworks: [],
  };
}

export function toFrameworkMessage(framework: Framework): Response_GetFrameworks_Framework {
  const isConnected = framework.connection.kind === "connected";
  const offers = [...framework.offers];
  const held = [...framework.tasks.values()].filter((task) => task.holdsResources).map((task) => task.resources);
  held.push(...[...framework.executors].map((executor) => executor.resources));
  return {
    frameworkInfo: framework.description.info,
    active: isConnected && !framework.isCompleting,
    connected: isConnected,
    recovered: framework.connection.kind === "recovered",
    registeredTime: toTimeInfo(framework.registeredWallMs),
    reregisteredTime: framework.reregisteredWallMs === undefined ? undefined : toTimeInfo(framework.reregisteredWallMs),
    offers: offers.map(toOfferMessage),
    inverseOffers: [],
    allocatedResources: writeResources(sumResources(held), "stack"),
    offeredResources: writeResources(sumResources(offers.map((offer) => offer.resources)), "stack"),
  };
}

function toOfferMessage({ offerId, framework, agent, role, resources }: Offer): OfferMessage {
  return {
    id: { value: offerId },
    frameworkId: { value: framework.frameworkId },
    agentId: { value: agent.agentId },
    hostname: agent.description.hostname,
    resources: writeResources(resources, "stack"),
    attributes: agent.description.info.attributes,
    executorIds: executorIdsOf(framework, agent).map((value) => ({ value })),
    allocationInfo: { role },
  };
}

function toCompletedMessage(framework: CompletedFramework): Response_GetFrameworks_Framework {
  return {
    frameworkInfo: framework.description.info,
    active: false,
    connected: false,
    recovered: false,
    registeredTime: toTimeInfo(framework.registeredWallMs),
    unregisteredTime: toTimeInfo(framework.completedWallMs),
    offers: [],
    inverseOffers: [],
    allocatedResources: [],
    offeredResources: [],
  };
}
