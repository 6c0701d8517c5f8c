/** GET_FRAMEWORKS: those that go on, with their outstanding offers, and the last ones that ended. */

import { writeResources } from "../../../common/mesos-resources.ts";
import type { Resources } from "../../../common/resources.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { Response_GetFrameworks_Framework } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { Offer as OfferMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import { executorIdsOf } from "../offers.ts";
import type { CompletedFramework, Framework, MasterState, Offer } from "../state.ts";
import type { FrameworkSnapshot, FrameworksSnapshot, Later } from "./snapshot.ts";

export function getFrameworks(state: MasterState): FrameworksSnapshot {
  return {
    frameworks: [...state.frameworks.values()].map(takeFramework),
    completedFrameworks: state.completedFrameworks.toArray().map((framework) => () => toCompletedMessage(framework)),
  };
}

/** What of a framework changes, as it is now. */
export function takeFramework(framework: Framework): FrameworkSnapshot {
  const { description, connection, isCompleting, registeredWallMs, reregisteredWallMs } = framework;
  const isConnected = connection.kind === "connected";
  const held: Resources[] = [];
  for (const task of framework.tasks.values()) if (task.holdsResources) held.push(task.resources);
  for (const executor of framework.executors) held.push(executor.resources);
  return {
    held,
    offered: [...framework.offers].map((offer) => offer.resources),
    offers: [...framework.offers].map(takeOffer),
    toMessage: (allocated, offered) => ({
      frameworkInfo: description.info,
      active: isConnected && !isCompleting,
      connected: isConnected,
      recovered: connection.kind === "recovered",
      registeredTime: toTimeInfo(registeredWallMs),
      reregisteredTime: reregisteredWallMs === undefined ? undefined : toTimeInfo(reregisteredWallMs),
      offers: [],
      inverseOffers: [],
      allocatedResources: writeResources(allocated, "stack"),
      offeredResources: writeResources(offered, "stack"),
    }),
  };
}

function takeOffer({ offerId, framework, agent, role, resources }: Offer): Later<OfferMessage> {
  const { description, agentId } = agent;
  const executorIds = executorIdsOf(framework, agent);
  return () => ({
    id: { value: offerId },
    frameworkId: { value: framework.frameworkId },
    agentId: { value: agentId },
    hostname: description.hostname,
    resources: writeResources(resources, "stack"),
    attributes: description.info.attributes,
    executorIds: executorIds.map((value) => ({ value })),
    allocationInfo: { role },
  });
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
