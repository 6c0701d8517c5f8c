/** Builds mesos.v1.scheduler.Call messages, one function a call. The framework id is filled in by the driver. */

import type { ExecutorInfo, FrameworkInfo, OperationStatus, Request, TaskInfo, TaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { Offer_Operation, Offer_Operation_Type } from "../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, type OfferConstraints } from "../protos/gen/mesos/v1/scheduler/scheduler.ts";

/** What a framework says of itself when it subscribes, and may change later. */
export interface FrameworkSettings {
  readonly framework: FrameworkInfo;
  readonly suppressedRoles: readonly string[];
  /** By role: which agents may be offered. */
  readonly offerConstraints: OfferConstraints | undefined;
}

export function subscribeCall({ framework, suppressedRoles, offerConstraints }: FrameworkSettings): Call {
  return Call.fromPartial({
    type: Call_Type.SUBSCRIBE,
    frameworkId: framework.id,
    subscribe: { frameworkInfo: framework, suppressedRoles: [...suppressedRoles], offerConstraints },
  });
}

export function updateFrameworkCall({ framework, suppressedRoles, offerConstraints }: FrameworkSettings): Call {
  return Call.fromPartial({
    type: Call_Type.UPDATE_FRAMEWORK,
    updateFramework: { frameworkInfo: framework, suppressedRoles: [...suppressedRoles], offerConstraints },
  });
}

/** A wish for resources; nobody acts on it. */
export function requestCall(requests: readonly Request[]): Call {
  return Call.fromPartial({ type: Call_Type.REQUEST, request: { requests: [...requests] } });
}

export function teardownCall(): Call {
  return Call.fromPartial({ type: Call_Type.TEARDOWN });
}

/** Operations are carried out in their order; what they leave of the offers is declined for `refuseSeconds`. */
export function acceptCall(offerIds: readonly string[], operations: readonly Offer_Operation[], refuseSeconds: number | undefined): Call {
  return Call.fromPartial({
    type: Call_Type.ACCEPT,
    accept: { offerIds: toIds(offerIds), operations: [...operations], filters: toFilters(refuseSeconds) },
  });
}

export function launchOperation(tasks: readonly TaskInfo[]): Offer_Operation {
  return Offer_Operation.fromPartial({ type: Offer_Operation_Type.LAUNCH, launch: { taskInfos: [...tasks] } });
}

/** The tasks run together in `executor`, or none of them does. */
export function launchGroupOperation(executor: ExecutorInfo, tasks: readonly TaskInfo[]): Offer_Operation {
  return Offer_Operation.fromPartial({
    type: Offer_Operation_Type.LAUNCH_GROUP,
    launchGroup: { executor, taskGroup: { tasks: [...tasks] } },
  });
}

export function declineCall(offerIds: readonly string[], refuseSeconds: number | undefined): Call {
  return Call.fromPartial({ type: Call_Type.DECLINE, decline: { offerIds: toIds(offerIds), filters: toFilters(refuseSeconds) } });
}

export function acceptInverseOffersCall(inverseOfferIds: readonly string[], refuseSeconds: number | undefined): Call {
  return Call.fromPartial({
    type: Call_Type.ACCEPT_INVERSE_OFFERS,
    acceptInverseOffers: { inverseOfferIds: toIds(inverseOfferIds), filters: toFilters(refuseSeconds) },
  });
}

export function declineInverseOffersCall(inverseOfferIds: readonly string[], refuseSeconds: number | undefined): Call {
  return Call.fromPartial({
    type: Call_Type.DECLINE_INVERSE_OFFERS,
    declineInverseOffers: { inverseOfferIds: toIds(inverseOfferIds), filters: toFilters(refuseSeconds) },
  });
}

export function reviveCall(roles: readonly string[]): Call {
  return Call.fromPartial({ type: Call_Type.REVIVE, revive: { roles: [...roles] } });
}

export function suppressCall(roles: readonly string[]): Call {
  return Call.fromPartial({ type: Call_Type.SUPPRESS, suppress: { roles: [...roles] } });
}

export function killCall(taskId: string, agentId: string | undefined, graceMs: number | undefined): Call {
  return Call.fromPartial({
    type: Call_Type.KILL,
    kill: {
      taskId: { value: taskId },
      agentId: toId(agentId),
      killPolicy: graceMs === undefined ? undefined : { gracePeriod: { nanoseconds: BigInt(Math.round(graceMs * 1e6)) } },
    },
  });
}

/** Ends an executor with its tasks. */
export function shutdownCall(executorId: string, agentId: string): Call {
  return Call.fromPartial({ type: Call_Type.SHUTDOWN, shutdown: { executorId: { value: executorId }, agentId: { value: agentId } } });
}

export function messageCall(executorId: string, agentId: string, data: Uint8Array): Call {
  return Call.fromPartial({ type: Call_Type.MESSAGE, message: { executorId: { value: executorId }, agentId: { value: agentId }, data } });
}

/** Undefined when the update must not be acknowledged: it carries no uuid. */
export function acknowledgeCall(status: TaskStatus): Call | undefined {
  if (status.uuid === undefined || status.uuid.length === 0 || status.agentId === undefined) return undefined;
  return Call.fromPartial({
    type: Call_Type.ACKNOWLEDGE,
    acknowledge: { agentId: status.agentId, taskId: status.taskId, uuid: status.uuid },
  });
}

/** Undefined when the status must not be acknowledged: it carries no uuid. */
export function acknowledgeOperationCall({ agentId, operationId, uuid }: OperationStatus): Call | undefined {
  if (uuid === undefined || agentId === undefined || operationId === undefined) return undefined;
  return Call.fromPartial({
    type: Call_Type.ACKNOWLEDGE_OPERATION_STATUS,
    acknowledgeOperationStatus: { agentId, operationId, uuid: uuid.value },
  });
}

export interface OperationToReconcile {
  readonly operationId: string;
  readonly agentId?: string | undefined;
}

export function reconcileOperationsCall(operations: readonly OperationToReconcile[]): Call {
  return Call.fromPartial({
    type: Call_Type.RECONCILE_OPERATIONS,
    reconcileOperations: {
      operations: operations.map(({ operationId, agentId }) => ({ operationId: { value: operationId }, agentId: toId(agentId) })),
    },
  });
}

export interface TaskToReconcile {
  readonly taskId: string;
  readonly agentId?: string | undefined;
}

export function reconcileCall(tasks: readonly TaskToReconcile[]): Call {
  return Call.fromPartial({
    type: Call_Type.RECONCILE,
    reconcile: { tasks: tasks.map((task) => ({ taskId: { value: task.taskId }, agentId: toId(task.agentId) })) },
  });
}

function toId(value: string | undefined): { value: string } | undefined {
  return value === undefined ? undefined : { value };
}

function toIds(values: readonly string[]): { value: string }[] {
  return values.map((value) => ({ value }));
}

function toFilters(refuseSeconds: number | undefined): { refuseSeconds: number } | undefined {
  return refuseSeconds === undefined ? undefined : { refuseSeconds };
}
