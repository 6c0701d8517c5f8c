/** What the master tells a scheduler; `wire/encode.ts` makes mesos.v1.scheduler.Event of it. */

import type { FaultDomain } from "../../common/fault-domain.ts";
import type { AgentId, ExecutorId, FrameworkId, InverseOfferId, OfferId } from "../../common/ids.ts";
import type { OperationStatus } from "../../common/operation-status.ts";
import type { Resources } from "../../common/resources.ts";
import type { TaskStatus } from "../../common/task-status.ts";
import type { AgentInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Unavailability } from "./maintenance/schedule.ts";

export interface OfferDescription {
  readonly offerId: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly role: string;
  readonly resources: Resources;
  /** The framework's executors on the agent; absent where it has none. */
  readonly executorIds?: readonly ExecutorId[] | undefined;
  /** For hostname, attributes and address. */
  readonly agentInfo: AgentInfo;
  /** Whether the framework understands allocation_info in resources. */
  readonly multiRole: boolean;
  /** Whether the framework has the capability RESERVATION_REFINEMENT; without it reservations are written in the older form. */
  readonly reservationRefinement?: boolean | undefined;
  /** Of the agent's machine; absent without a maintenance window. */
  readonly unavailability?: Unavailability | undefined;
}

export interface InverseOfferDescription {
  readonly inverseOfferId: InverseOfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly unavailability: Unavailability;
}

export type SchedulerEvent =
  | { readonly kind: "subscribed"; readonly frameworkId: FrameworkId; readonly heartbeatIntervalMs: number; readonly master: MasterAddress }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "offers"; readonly offers: readonly OfferDescription[] }
  | { readonly kind: "rescind"; readonly offerId: OfferId }
  | { readonly kind: "inverseOffers"; readonly inverseOffers: readonly InverseOfferDescription[] }
  | { readonly kind: "rescindInverseOffer"; readonly inverseOfferId: InverseOfferId }
  | { readonly kind: "update"; readonly status: TaskStatus }
  /** An executor's own message fields (labels, data, health) that the master only passes on. */
  | { readonly kind: "forwardUpdate"; readonly status: import("../../protos/gen/mesos/v1/mesos.ts").TaskStatus }
  | { readonly kind: "operationUpdate"; readonly status: OperationStatus }
  | {
      readonly kind: "failure";
      readonly agentId: AgentId;
      readonly executorId: ExecutorId | undefined;
      readonly status: number | undefined;
    }
  | { readonly kind: "message"; readonly agentId: AgentId; readonly executorId: ExecutorId; readonly data: Uint8Array }
  | { readonly kind: "error"; readonly message: string };

/** Where a master can be reached, and who it is. */
export interface MasterAddress {
  readonly masterId: string;
  readonly hostname: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Where it stands, if the operator said so. */
  readonly domain?: FaultDomain | undefined;
}
