/** Scheduler calls from the history's form to bytes, and events from bytes to the history's form. */

import { encodeMessage } from "../../common/encode-message.ts";
import { Uuid, uuidFromBytes, uuidToBytes } from "../../common/ids.ts";
import {
  type CommandInfo,
  ExecutorInfo,
  ExecutorInfo_Type,
  type FrameworkInfo,
  FrameworkInfo_Capability_Type,
  type Offer_Operation,
  Offer_Operation_Type,
  type TaskInfo,
  type TaskStatus,
  taskStateToJSON,
  taskStatus_ReasonToJSON,
  taskStatus_SourceToJSON,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, Event, Event_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { CallJson, ForbiddenChange, GroupJson, SchedulerEventJson, StatusJson } from "../history/event.ts";
import { fromResourceJson, toResourceJson } from "../history/resource-json.ts";
import { toWatch } from "./checks-codec.ts";
import { toUnavailabilityJson } from "./maintenance-codec.ts";
import { toFeedback, toOperation, toOperationStatusJson } from "./operations-codec.ts";

/** What a call says beside its history form. */
export interface CallContext {
  readonly frameworkName: string;
  readonly frameworkId: string | undefined;
}

export function encodeCall(body: CallJson, context: CallContext): Uint8Array {
  return encodeMessage(Call, toCall(body, context));
}

/** Undefined for an event that this workload does not know. `startedWallMs`: Unix time at which the run began. */
export function decodeEvent(bytes: Uint8Array, startedWallMs: number): SchedulerEventJson | undefined {
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
          ...(offer.unavailability === undefined ? {} : { unavailability: toUnavailabilityJson(offer.unavailability, startedWallMs) }),
        })),
      };
    case Event_Type.INVERSE_OFFERS:
      return {
        kind: "inverseOffers",
        inverseOffers: (event.inverseOffers?.inverseOffers ?? []).map(({ id, agentId, unavailability }) => ({
          inverseOfferId: id?.value ?? "",
          agentId: agentId?.value ?? "",
          unavailability: toUnavailabilityJson(unavailability, startedWallMs),
        })),
      };
    case Event_Type.RESCIND:
      return { kind: "rescind", offerId: event.rescind?.offerId?.value ?? "" };
    case Event_Type.RESCIND_INVERSE_OFFER:
      return { kind: "rescindInverseOffer", inverseOfferId: event.rescindInverseOffer?.inverseOfferId?.value ?? "" };
    case Event_Type.UPDATE:
      return event.update?.status === undefined ? undefined : { kind: "update", status: toStatusJson(event.update.status) };
    case Event_Type.UPDATE_OPERATION_STATUS: {
      const status = event.updateOperationStatus?.status;
      return status === undefined ? undefined : { kind: "operationUpdate", status: toOperationStatusJson(status) };
    }
    case Event_Type.FAILURE: {
      const { agentId, executorId, status } = event.failure ?? {};
      return {
        kind: "failure",
        ...(agentId === undefined ? {} : { agentId: agentId.value }),
        ...(executorId === undefined ? {} : { executorId: executorId.value }),
        ...(status === undefined ? {} : { status }),
      };
    }
    case Event_Type.MESSAGE:
      return {
        kind: "message",
        agentId: event.message?.agentId?.value ?? "",
        executorId: event.message?.executorId?.value ?? "",
        data: decodeAscii(event.message?.data ?? new Uint8Array()),
      };
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
      return { frameworkId, type: Call_Type.REQUEST, request: { requests: [{ resources: body.resources.map(fromResourceJson) }] } };
    case "answerInverseOffers":
      return { frameworkId, ...toInverseAnswer(body) };
    case "teardown":
      return { frameworkId, type: Call_Type.TEARDOWN };
    case "accept":
      return {
        frameworkId,
        type: Call_Type.ACCEPT,
        accept: {
          offerIds: body.offerIds.map((value) => ({ value })),
          operations: toOperations(body, context.frameworkId),
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
    case "shutdown":
      return { frameworkId, type: Call_Type.SHUTDOWN, shutdown: toExecutorKey(body) };
    case "message":
      return { frameworkId, type: Call_Type.MESSAGE, message: { ...toExecutorKey(body), data: encodeAscii(body.data) } };
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
    case "acknowledgeOperation":
    case "reconcileOperations":
      return { frameworkId, ...toFeedback(body) };
    default:
      return body satisfies never;
  }
}

function toInverseAnswer(body: Extract<CallJson, { kind: "answerInverseOffers" }>): Call {
  const filters = body.refuseSeconds === undefined ? {} : { filters: { refuseSeconds: body.refuseSeconds } };
  const answer = { inverseOfferIds: body.inverseOfferIds.map((value) => ({ value })), ...filters };
  return body.accepts
    ? { type: Call_Type.ACCEPT_INVERSE_OFFERS, acceptInverseOffers: answer }
    : { type: Call_Type.DECLINE_INVERSE_OFFERS, declineInverseOffers: answer };
}

/** The changes first, so that the tasks can use what they make. */
function toOperations(
  { operations = [], tasks, group }: Extract<CallJson, { kind: "accept" }>,
  frameworkId: string | undefined,
): Offer_Operation[] {
  const changes = operations.map(toOperation);
  if (changes.length > 0 && tasks.length === 0) return changes;
  if (group !== undefined) return [...changes, toLaunchGroup(group, tasks, frameworkId)];
  return [...changes, { type: Offer_Operation_Type.LAUNCH, launch: { taskInfos: tasks.map((task) => toTaskInfo(task)) } }];
}

type SettingsJson = Extract<CallJson, { kind: "subscribe" | "updateFramework" }>;

function toFrameworkInfo(body: SettingsJson, { frameworkName: name, frameworkId }: CallContext): FrameworkInfo {
  const { MULTI_ROLE, RESERVATION_REFINEMENT, SHARED_RESOURCES } = FrameworkInfo_Capability_Type;
  const capabilities: FrameworkInfo["capabilities"] = [MULTI_ROLE, RESERVATION_REFINEMENT, SHARED_RESOURCES].map((type) => ({ type }));
  return {
    user: "nobody",
    name,
    ...(frameworkId === undefined ? {} : { id: { value: frameworkId } }),
    failoverTimeout: body.failoverTimeoutMs / 1_000,
    checkpoint: body.checkpoint ?? true,
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
      return { ...info, checkpoint: info.checkpoint !== true };
  }
}

type TaskJson = Extract<CallJson, { kind: "accept" }>["tasks"][number];

function toTaskInfo(task: TaskJson): TaskInfo {
  return {
    name: task.taskId,
    taskId: { value: task.taskId },
    agentId: { value: task.agentId },
    resources: task.resources.map(fromResourceJson),
    ...(task.executorId === undefined
      ? { command: toCommand(task.command, task) }
      : { executor: toExecutor(task.executorId), data: encodeAscii(task.command) }),
    ...(task.watch === undefined ? {} : toWatch(task.watch)),
    limits: {},
  };
}

function toLaunchGroup({ executorId, resources, isDefault }: GroupJson, tasks: readonly TaskJson[], frameworkId = ""): Offer_Operation {
  const executor: ExecutorInfo = {
    ...toExecutor(executorId),
    type: isDefault ? ExecutorInfo_Type.DEFAULT : ExecutorInfo_Type.CUSTOM,
    frameworkId: { value: frameworkId },
    resources: resources.map(fromResourceJson),
  };
  const members = tasks.map((task): TaskInfo => {
    const info = toTaskInfo(task);
    return isDefault ? info : { ...info, command: undefined, data: encodeAscii(task.command) };
  });
  const { command: _, ...builtIn } = executor;
  return {
    type: Offer_Operation_Type.LAUNCH_GROUP,
    launchGroup: { executor: isDefault ? builtIn : executor, taskGroup: { tasks: members } },
  };
}

/** The workload's own executor, which only simulated machines have; it takes a task's command as its data. */
function toExecutor(executorId: string): ExecutorInfo {
  return ExecutorInfo.fromPartial({ executorId: { value: executorId }, command: { value: "sim-executor" } });
}

function toCommand(
  value: string,
  { environment = {}, uris = [] }: { readonly environment?: Readonly<Record<string, string>>; readonly uris?: readonly string[] },
): CommandInfo {
  return {
    uris: uris.map((uri) => ({ value: uri })),
    shell: true,
    value,
    arguments: [],
    environment: { variables: Object.entries(environment).map(([name, text]) => ({ name, value: text })) },
  };
}

function toExecutorKey({ executorId, agentId }: { readonly executorId: string; readonly agentId: string }) {
  return { executorId: { value: executorId }, agentId: { value: agentId } };
}

function encodeAscii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function decodeAscii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Absent parts are there and undefined, as in resources. */
function toStatusJson(status: TaskStatus): StatusJson {
  const { taskId, agentId, state, source, reason, message, uuid, timestamp, healthy, unreachableTime } = status;
  return {
    taskId: taskId?.value ?? "",
    agentId: agentId?.value,
    state: taskStateToJSON(state),
    source: source === undefined ? undefined : taskStatus_SourceToJSON(source),
    reason: reason === undefined ? undefined : taskStatus_ReasonToJSON(reason),
    message,
    uuid: uuid === undefined || uuid.length === 0 ? undefined : uuidFromBytes(uuid),
    timestampMs: timestamp === undefined ? undefined : Math.round(timestamp * 1_000),
    healthy,
    unreachableAtMs: unreachableTime === undefined ? undefined : Number(unreachableTime.nanoseconds / 1_000_000n),
  };
}
