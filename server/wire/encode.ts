/** What the master tells a scheduler, as bytes of mesos.v1.scheduler.Event. */

import { encodeMessage } from "../../common/encode-message.ts";
import { writeOperationStatus } from "../../common/mesos-operation-status.ts";
import { writeResources } from "../../common/mesos-resources.ts";
import { writeTaskStatus } from "../../common/mesos-task-status.ts";
import { allocateResources, unallocateResources } from "../../common/resources.ts";
import type { InverseOffer, Offer } from "../../protos/gen/mesos/v1/mesos.ts";
import { Event, Event_Type as EventType } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { InverseOfferDescription, OfferDescription, SchedulerEvent } from "../core/event.ts";
import { toUnavailabilityMessage } from "../core/operator/unavailability-message.ts";
import { toMasterInfo } from "./operator.ts";

/** Bytes of one event. */
export function encodeSchedulerEvent(event: SchedulerEvent): Uint8Array {
  return encodeMessage(Event, toEvent(event));
}

/** Every field is there, undefined or not: messages of one form are encoded much faster than those of many. */
const noEvent: Event = Event.fromPartial({});

function toEvent(event: SchedulerEvent): Event {
  switch (event.kind) {
    case "subscribed":
      return {
        ...noEvent,
        type: EventType.SUBSCRIBED,
        subscribed: {
          frameworkId: { value: event.frameworkId },
          heartbeatIntervalSeconds: event.heartbeatIntervalMs / 1000,
          masterInfo: toMasterInfo(event.master),
        },
      };
    case "heartbeat":
      return { ...noEvent, type: EventType.HEARTBEAT };
    case "offers":
      return { ...noEvent, type: EventType.OFFERS, offers: { offers: event.offers.map(toOffer) } };
    case "rescind":
      return { ...noEvent, type: EventType.RESCIND, rescind: { offerId: { value: event.offerId } } };
    case "inverseOffers":
      return { ...noEvent, type: EventType.INVERSE_OFFERS, inverseOffers: { inverseOffers: event.inverseOffers.map(toInverseOffer) } };
    case "rescindInverseOffer":
      return {
        ...noEvent,
        type: EventType.RESCIND_INVERSE_OFFER,
        rescindInverseOffer: { inverseOfferId: { value: event.inverseOfferId } },
      };
    case "update":
      return { ...noEvent, type: EventType.UPDATE, update: { status: writeTaskStatus(event.status) } };
    case "forwardUpdate":
      return { ...noEvent, type: EventType.UPDATE, update: { status: event.status } };
    case "operationUpdate":
      return { ...noEvent, type: EventType.UPDATE_OPERATION_STATUS, updateOperationStatus: { status: writeOperationStatus(event.status) } };
    case "failure": {
      const { agentId, executorId, status } = event;
      const executor = executorId === undefined ? undefined : { value: executorId };
      return { ...noEvent, type: EventType.FAILURE, failure: { agentId: { value: agentId }, executorId: executor, status } };
    }
    case "message": {
      const { agentId, executorId, data } = event;
      return { ...noEvent, type: EventType.MESSAGE, message: { agentId: { value: agentId }, executorId: { value: executorId }, data } };
    }
    case "error":
      return { ...noEvent, type: EventType.ERROR, error: { message: event.message } };
  }
}

/** A framework without MULTI_ROLE does not know allocation_info: it is offered resources as if they were nobody's. */
function toOffer({
  offerId,
  frameworkId,
  agentId,
  role,
  resources,
  agentInfo,
  multiRole,
  reservationRefinement,
  executorIds,
  unavailability,
}: OfferDescription): Offer {
  const offered = multiRole ? allocateResources(resources, role) : unallocateResources(resources);
  return {
    id: { value: offerId },
    frameworkId: { value: frameworkId },
    agentId: { value: agentId },
    hostname: agentInfo.hostname,
    url: undefined,
    domain: agentInfo.domain,
    resources: writeResources(offered, reservationRefinement === true ? "stack" : "single"),
    attributes: agentInfo.attributes,
    executorIds: (executorIds ?? []).map((value) => ({ value })),
    unavailability: unavailability === undefined ? undefined : toUnavailabilityMessage(unavailability),
    allocationInfo: multiRole ? { role } : undefined,
  };
}

/** Without resources: everything that the framework has there is asked for. */
function toInverseOffer({ inverseOfferId, frameworkId, agentId, unavailability }: InverseOfferDescription): InverseOffer {
  return {
    id: { value: inverseOfferId },
    frameworkId: { value: frameworkId },
    agentId: { value: agentId },
    unavailability: toUnavailabilityMessage(unavailability),
    resources: [],
  };
}
