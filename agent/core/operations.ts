/**
 * Operations on the agent's resources: reservations and persistent volumes. An operation is recorded together with what it makes of
 * the resources; only then its volumes are made or removed, and only after that its end is told. What a crash cuts off in between is
 * done by the next start, which brings the volumes in line with the record.
 */

import type { FrameworkId } from "../../common/ids.ts";
import type { OperationState, OperationStatus } from "../../common/operation-status.ts";
import type { Resource } from "../../common/resource.ts";
import {
  applyConversion,
  type Conversion,
  conversionOf,
  isPersistentVolume,
  type ResourceOperation,
  topReservation,
} from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import { operationKey, record, resourcesKey } from "./checkpoint.ts";
import type { VolumeKey } from "./command-description.ts";
import { lookForLeader } from "./connection.ts";
import { agentLimits } from "./limits.ts";
import { currentLinkId } from "./link.ts";
import type { MasterToAgent, OperationKey } from "./master-message.ts";
import { forwardOperation, removeOperation } from "./operation-updates.ts";
import type { Operation } from "./state.ts";
import { log, type Turn } from "./turn.ts";

type ApplyOperation = Extract<MasterToAgent, { readonly kind: "applyOperation" }>;

/**
 * Takes an operation over. One that the agent's resources do not allow ends without an effect, and the master hears at a new
 * registration what the resources are: it took the operation for granted.
 */
export function applyOperation(turn: Turn, { key, operation, resourceVersion }: ApplyOperation): void {
  const { state } = turn;
  if (state.operations.has(operationKey(key.uuid))) return;
  if (state.operations.size >= agentLimits.operationsMax) {
    disagree(turn, `the agent holds ${state.operations.size} operations, more than it may; their ends are not acknowledged`);
    return;
  }
  if (resourceVersion !== state.resourceVersion) {
    const message = "the operation was based on resources that the agent does not have any more";
    addOperation(turn, key, { operation, ending: { state: "OPERATION_DROPPED", message } });
    disagree(turn, message);
    return;
  }
  const conversion = conversionOf(operation);
  const total = applyConversion(state.total, conversion);
  if (total === undefined) {
    const message = "the agent does not have the resources of the operation";
    addOperation(turn, key, { operation, ending: { state: "OPERATION_FAILED", message } });
    disagree(turn, message);
    return;
  }
  state.total = total;
  record(turn, resourcesKey);
  addOperation(turn, key, { operation, ending: { state: "OPERATION_FINISHED", message: undefined }, conversion });
}

/** The master sent operations that the agent did not list: it never got them. Those that it has meanwhile speak for themselves. */
export function reconcileOperations(turn: Turn, keys: readonly OperationKey[]): void {
  for (const key of keys) {
    if (turn.state.operations.has(operationKey(key.uuid)) || turn.state.operations.size >= agentLimits.operationsMax) continue;
    addOperation(turn, key, { ending: { state: "OPERATION_DROPPED", message: "the operation did not reach the agent" } });
  }
}

/** The operation and its effect are durable: its volumes follow, and then its end can be told. */
export function operationRecorded(turn: Turn, operation: Operation): void {
  const { state } = turn;
  const { conversion, linkId } = operation;
  operation.isDurable = true;
  if (conversion !== undefined) {
    state.durableTotal = applyConversion(state.durableTotal, conversion) ?? state.durableTotal;
    keepVolumes(turn);
  }
  const isForgotten = state.operations.get(operation.key) !== operation;
  // The registration of a newer link did not tell of this operation, because it was not durable. Its effect outlives a framework
  // that ended meanwhile, so the master has to hear of that too.
  const isTold = linkId === currentLinkId(state.connection) || (isForgotten && conversion === undefined);
  const tellsLater = state.connection.kind === "terminating" || state.connection.kind === "disconnected";
  if (!isTold && !tellsLater) lookForLeader(turn);
  else if (!isForgotten) forwardOperation(turn, operation);
}

/** Has the volumes that are on record, and no others. */
export function keepVolumes(turn: Turn): void {
  turn.emit({ kind: "keepVolumes", volumes: volumeKeys(turn.state.durableTotal) });
}

/** Nobody is left to be told how the framework's operations ended. */
export function forgetOperations(turn: Turn, frameworkId: FrameworkId): void {
  for (const operation of [...turn.state.operations.values()]) {
    if (operation.frameworkId === frameworkId) removeOperation(turn, operation);
  }
}

export function volumeKeys(resources: Resources): VolumeKey[] {
  const keys: VolumeKey[] = [];
  for (const entry of resources) {
    const id = entry.disk?.persistence?.id;
    const role = topReservation(entry)?.role;
    if (isPersistentVolume(entry) && id !== undefined && role !== undefined) keys.push({ role, id, ...rootOf(entry) });
  }
  return keys;
}

/** The part of a VolumeKey that says where its disk is. */
export function rootOf({ disk }: Resource): Pick<VolumeKey, "root"> {
  const root = disk?.source?.root;
  return root === undefined ? {} : { root };
}

interface Ending {
  readonly operation?: ResourceOperation;
  readonly ending: { readonly state: OperationState; readonly message: string | undefined };
  readonly conversion?: Conversion;
}

function addOperation(turn: Turn, { uuid, frameworkId, operationId }: OperationKey, { operation: done, ending, conversion }: Ending): void {
  const { state } = turn;
  const status: OperationStatus = {
    operationId,
    ...ending,
    converted: conversion?.converted ?? [],
    uuid: state.prng.uuid(),
    agentId: state.agentId,
  };
  const operation: Operation = {
    key: operationKey(uuid),
    uuid,
    frameworkId,
    operation: done,
    status,
    conversion,
    linkId: currentLinkId(state.connection),
    isDurable: false,
    retryDelayMs: state.config.updateRetryMinMs,
  };
  state.operations.set(operation.key, operation);
  record(turn, operation.key, { kind: "operationRecorded", operation });
}

/** Nothing more of what the master based on its view is done; a new registration tells it what is true. */
function disagree(turn: Turn, reason: string): void {
  log(turn, "warn", "the master's view of this agent's resources is not right", { reason });
  turn.state.resourceVersion = turn.state.prng.uuid();
  lookForLeader(turn);
}
