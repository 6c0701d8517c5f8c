/** Scheduler calls from the history's form to bytes, and events from bytes to the history's form. */

import { encodeMessage } from "../../common/encode-message.ts";
import { Uuid, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import {
  type FrameworkInfo,
  FrameworkInfo_Capability_Type,
  Offer_Operation_Type,
  type Resource,
  type TaskInfo,
  type TaskStatus,
  taskStateToJSON,
  taskStatus_ReasonToJSON,
  taskStatus_SourceToJSON,
  Value_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, Event, Event_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { CallJson, ForbiddenChange, ResourceJson, SchedulerEventJson, StatusJson } from "../history/event.ts";
import { toResourceJson } from "../history/leader-snapshot.ts";

/** What a call says beside its history form. */
export interface CallContext {
  readonly frameworkName: string;
  readonly frameworkId: string | undefined;
}

export function encodeCall(body: CallJson, context: CallContext): Uint8Array {
  return encodeMessage(Call, toCall(body, context));
}

/** Undefined for an event that this workload does not know. */
export function decodeEvent(bytes: Uint8Array): SchedulerEventJson | undefined {
  const event = Event.decode(bytes);
  switch (event.type) {
    case Event_Type.SUBSCRIBED:
      return {
        kind: "subscribed",
        frameworkId: event.subscribed?.frameworkId?.value ?? "",
        heartbeatIntervalMs: (event.subscribed?.heartbeatIntervalSeconds ?? 0) * 1_000,
        masterId: event.subscribed?.masterInfo?.id ?? "",
      };
    case Event_Type.HEARTBEAT:
      return { kind: "heartbeat" };
    case Event_Type.OFFERS:
      return {
        kind: "offers",
        offers: (event.offers?.offers ?? []).map((offer) => ({
          offerId: offer.id?.value ?? "",
          agentId: offer.agentId?.value ?? "",
          role: offer.allocationInfo?.role ?? "",
          resources: offer.resources.map(toResourceJson),
        })),
      };
    case Event_Type.RESCIND:
      return { kind: "rescind", offerId: event.rescind?.offerId?.value ?? "" };
    case Event_Type.UPDATE:
      return event.update?.status === undefined ? undefined : { kind: "update", status: toStatusJson(event.update.status) };
    case Event_Type.FAILURE: {
      const { agentId, executorId, status } = event.failure ?? {};
      return {
        kind: "failure",
        ...(agentId === undefined ? {} : { agentId: agentId.value }),
        ...(executorId === undefined ? {} : { executorId: executorId.value }),
        ...(status === undefined ? {} : { status }),
      };
    }
    case Event_Type.ERROR:
      return { kind: "error", message: event.error?.message ?? "" };
    default:
      return undefined;
  }
}

function toCall(body: CallJson, context: CallContext): Call {
  const frameworkId = context.frameworkId === undefined ? undefined : { value: context.frameworkId };
  switch (body.kind) {
    case "subscribe":
      return {
        ...(body.frameworkId === undefined ? {} : { frameworkId: { value: body.frameworkId } }),
        type: Call_Type.SUBSCRIBE,
        subscribe: { frameworkInfo: toFrameworkInfo(body, { ...context, frameworkId: body.frameworkId }), suppressedRoles: [] },
      };
    case "updateFramework":
      return {
        frameworkId,
        type: Call_Type.UPDATE_FRAMEWORK,
        updateFramework: {
          frameworkInfo: withForbidden(toFrameworkInfo(body, context), body.forbidden),
          suppressedRoles: [...body.suppressedRoles],
        },
      };
    case "request":
      return { frameworkId, type: Call_Type.REQUEST, request: { requests: [{ resources: body.resources.map(toResource) }] } };
    case "teardown":
      return { frameworkId, type: Call_Type.TEARDOWN };
    case "accept":
      return {
        frameworkId,
        type: Call_Type.ACCEPT,
        accept: {
          offerIds: body.offerIds.map((value) => ({ value })),
          operations: [{ type: Offer_Operation_Type.LAUNCH, launch: { taskInfos: body.tasks.map((task) => toTaskInfo(task)) } }],
          filters: { refuseSeconds: body.refuseSeconds },
        },
      };
    case "decline":
      return {
        frameworkId,
        type: Call_Type.DECLINE,
        decline: { offerIds: body.offerIds.map((value) => ({ value })), filters: { refuseSeconds: body.refuseSeconds } },
      };
    case "revive":
      return { frameworkId, type: Call_Type.REVIVE, revive: { roles: [...body.roles] } };
    case "suppress":
      return { frameworkId, type: Call_Type.SUPPRESS, suppress: { roles: [...body.roles] } };
    case "kill":
      return {
        frameworkId,
        type: Call_Type.KILL,
        kill: {
          taskId: { value: body.taskId },
          ...(body.agentId === undefined ? {} : { agentId: { value: body.agentId } }),
          ...(body.graceMs === undefined ? {} : { killPolicy: { gracePeriod: { nanoseconds: BigInt(body.graceMs) * 1_000_000n } } }),
        },
      };
    case "acknowledge":
      return {
        frameworkId,
        type: Call_Type.ACKNOWLEDGE,
        acknowledge: { agentId: { value: body.agentId }, taskId: { value: body.taskId }, uuid: uuidToBytes(Uuid(body.uuid)) },
      };
    case "reconcile":
      return {
        frameworkId,
        type: Call_Type.RECONCILE,
        reconcile: {
          tasks: body.tasks.map(({ taskId, agentId }) => ({
            taskId: { value: taskId },
            ...(agentId === undefined ? {} : { agentId: { value: agentId } }),
          })),
        },
      };
    default:
      return body satisfies never;
  }
}

type SettingsJson = Extract<CallJson, { kind: "subscribe" | "updateFramework" }>;

function toFrameworkInfo(body: SettingsJson, { frameworkName: name, frameworkId }: CallContext): FrameworkInfo {
  const capabilities = [{ type: FrameworkInfo_Capability_Type.MULTI_ROLE }];
  return {
    user: "nobody",
    name,
    ...(frameworkId === undefined ? {} : { id: { value: frameworkId } }),
    failoverTimeout: body.failoverTimeoutMs / 1_000,
    checkpoint: true,
    roles: [...body.roles],
    capabilities: body.partitionAware ? [...capabilities, { type: FrameworkInfo_Capability_Type.PARTITION_AWARE }] : capabilities,
    offerFilters: {},
  };
}

function withForbidden(info: FrameworkInfo, forbidden: ForbiddenChange | undefined): FrameworkInfo {
  switch (forbidden) {
    case undefined:
      return info;
    case "user":
      return { ...info, user: "somebody-else" };
    case "principal":
      return { ...info, principal: "somebody-else" };
    case "checkpoint":
      return { ...info, checkpoint: false };
  }
}

function toTaskInfo(task: Extract<CallJson, { kind: "accept" }>["tasks"][number]): TaskInfo {
  return {
    name: task.taskId,
    taskId: { value: task.taskId },
    agentId: { value: task.agentId },
    resources: task.resources.map(toResource),
    command: {
      uris: [],
      shell: true,
      value: task.command,
      arguments: [],
      environment: { variables: Object.entries(task.environment ?? {}).map(([name, value]) => ({ name, value })) },
    },
    limits: {},
  };
}

function toResource(json: ResourceJson): Resource {
  const allocation = json.role === undefined ? {} : { allocationInfo: { role: json.role } };
  if (json.milli !== undefined) {
    return { name: json.name, type: Value_Type.SCALAR, scalar: { value: json.milli / 1_000 }, ...allocation, reservations: [] };
  }
  if (json.ranges !== undefined) {
    const range = json.ranges.map(([begin, end]) => ({ begin: BigInt(begin), end: BigInt(end) }));
    return { name: json.name, type: Value_Type.RANGES, ranges: { range }, ...allocation, reservations: [] };
  }
  return { name: json.name, type: Value_Type.SET, set: { item: [...(json.items ?? [])] }, ...allocation, reservations: [] };
}

function toStatusJson(status: TaskStatus): StatusJson {
  return {
    taskId: status.taskId?.value ?? "",
    ...(status.agentId === undefined ? {} : { agentId: status.agentId.value }),
    state: taskStateToJSON(status.state),
    ...(status.source === undefined ? {} : { source: taskStatus_SourceToJSON(status.source) }),
    ...(status.reason === undefined ? {} : { reason: taskStatus_ReasonToJSON(status.reason) }),
    ...(status.message === undefined ? {} : { message: status.message }),
    ...(status.uuid === undefined || status.uuid.length === 0 ? {} : { uuid: uuidFromBytes(status.uuid) }),
    ...(status.timestamp === undefined ? {} : { timestampMs: Math.round(status.timestamp * 1_000) }),
    ...(status.unreachableTime === undefined ? {} : { unreachableAtMs: Number(status.unreachableTime.nanoseconds / 1_000_000n) }),
  };
}
