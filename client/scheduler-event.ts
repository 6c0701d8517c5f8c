/** What a framework hears, as a tagged union over the messages of mesos.v1. */

import type { InverseOffer, MasterInfo, Offer, OperationStatus, TaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { Event, Event_Type } from "../protos/gen/mesos/v1/scheduler/scheduler.ts";

export type SchedulerEvent =
  | {
      readonly kind: "subscribed";
      readonly frameworkId: string;
      readonly heartbeatIntervalMs: number;
      readonly master: MasterInfo | undefined;
    }
  | { readonly kind: "offers"; readonly offers: readonly Offer[] }
  | { readonly kind: "inverseOffers"; readonly inverseOffers: readonly InverseOffer[] }
  | { readonly kind: "rescind"; readonly offerId: string }
  | { readonly kind: "rescindInverseOffer"; readonly inverseOfferId: string }
  | { readonly kind: "update"; readonly status: TaskStatus }
  /** How an operation stands that was given an id; one with a uuid must be acknowledged. */
  | { readonly kind: "operationUpdate"; readonly status: OperationStatus }
  | { readonly kind: "message"; readonly agentId: string; readonly executorId: string; readonly data: Uint8Array }
  /** Without an executor: the agent is gone. */
  | {
      readonly kind: "failure";
      readonly agentId: string | undefined;
      readonly executorId: string | undefined;
      readonly status: number | undefined;
    }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "heartbeat" };

/** Seconds between heartbeats when the master does not say. Source: Mesos DEFAULT_HEARTBEAT_INTERVAL. */
const heartbeatDefaultSeconds = 15;

/**
 * The event in `bytes`; undefined for a type that this SDK does not know, which a newer master may send. Throws on
 * bytes that are no event.
 */
export function decodeSchedulerEvent(bytes: Uint8Array): SchedulerEvent | undefined {
  const event = Event.decode(bytes);
  switch (event.type) {
    case Event_Type.SUBSCRIBED: {
      const subscribed = event.subscribed;
      return {
        kind: "subscribed",
        frameworkId: subscribed?.frameworkId?.value ?? "",
        heartbeatIntervalMs: (subscribed?.heartbeatIntervalSeconds ?? heartbeatDefaultSeconds) * 1000,
        master: subscribed?.masterInfo,
      };
    }
    case Event_Type.OFFERS:
      return { kind: "offers", offers: event.offers?.offers ?? [] };
    case Event_Type.INVERSE_OFFERS:
      return { kind: "inverseOffers", inverseOffers: event.inverseOffers?.inverseOffers ?? [] };
    case Event_Type.RESCIND:
      return { kind: "rescind", offerId: event.rescind?.offerId?.value ?? "" };
    case Event_Type.RESCIND_INVERSE_OFFER:
      return { kind: "rescindInverseOffer", inverseOfferId: event.rescindInverseOffer?.inverseOfferId?.value ?? "" };
    case Event_Type.UPDATE:
      return event.update?.status === undefined ? undefined : { kind: "update", status: event.update.status };
    case Event_Type.UPDATE_OPERATION_STATUS: {
      const status = event.updateOperationStatus?.status;
      return status === undefined ? undefined : { kind: "operationUpdate", status };
    }
    case Event_Type.MESSAGE: {
      const message = event.message;
      return {
        kind: "message",
        agentId: message?.agentId?.value ?? "",
        executorId: message?.executorId?.value ?? "",
        data: message?.data ?? new Uint8Array(),
      };
    }
    case Event_Type.FAILURE:
      return {
        kind: "failure",
        agentId: event.failure?.agentId?.value,
        executorId: event.failure?.executorId?.value,
        status: event.failure?.status,
      };
    case Event_Type.ERROR:
      return { kind: "error", message: event.error?.message ?? "" };
    case Event_Type.HEARTBEAT:
      return { kind: "heartbeat" };
    default:
      return undefined;
  }
}
