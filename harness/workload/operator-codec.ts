/** An operator's orders, from the history's form to the name of an RPC and its request. */

import { encodeMessage } from "../../common/encode-message.ts";
import type { Duration } from "../../protos/gen/google/protobuf/duration.ts";
import {
  Call_DeactivateAgent,
  Call_DrainAgent,
  Call_MarkAgentGone,
  Call_ReactivateAgent,
  Call_StartMaintenance,
  Call_StopMaintenance,
  Call_Teardown,
  Call_UpdateMaintenanceSchedule,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { KillTaskOrder, ScheduleReplacement } from "../../protos/gen/tepui/v1/operator_orders.ts";
import type { OrderJson } from "../history/event.ts";
import { toMachineMessage, toScheduleMessage } from "./maintenance-codec.ts";
import { encodeResourceOrder, resourceRpcs } from "./resource-order-codec.ts";
import { encodeRoleOrder, roleRpcs } from "./role-codec.ts";

export interface OrderRequest {
  /** Of tepui.v1.MasterOperator. */
  readonly rpc: string;
  readonly bytes: Uint8Array;
}

/** `startedWallMs`: Unix time at which the run began. */
export function encodeOrder(order: OrderJson, startedWallMs: number): OrderRequest {
  return { rpc: rpcOf(order), bytes: encodeRequest(order, startedWallMs) };
}

const noRequest = new Uint8Array();

function encodeRequest(order: OrderJson, startedWallMs: number): Uint8Array {
  switch (order.kind) {
    case "drainAgent": {
      const { agentId, maxGraceMs, markGone } = order;
      const maxGracePeriod = maxGraceMs === undefined ? undefined : toDuration(maxGraceMs);
      return encodeMessage(Call_DrainAgent, { agentId: { value: agentId }, maxGracePeriod, markGone });
    }
    case "deactivateAgent":
      return encodeMessage(Call_DeactivateAgent, { agentId: { value: order.agentId } });
    case "reactivateAgent":
      return encodeMessage(Call_ReactivateAgent, { agentId: { value: order.agentId } });
    case "markAgentGone":
      return encodeMessage(Call_MarkAgentGone, { agentId: { value: order.agentId } });
    case "teardown":
      return encodeMessage(Call_Teardown, { frameworkId: { value: order.frameworkId } });
    case "killTask": {
      const { frameworkId, taskId, graceMs } = order;
      const killPolicy = graceMs === undefined ? undefined : { gracePeriod: { nanoseconds: BigInt(graceMs) * 1_000_000n } };
      return encodeMessage(KillTaskOrder, { frameworkId: { value: frameworkId }, taskId: { value: taskId }, killPolicy });
    }
    case "changeResources":
      return encodeResourceOrder(order);
    case "updateSchedule": {
      const schedule = toScheduleMessage(order.windows, startedWallMs);
      if (order.expected === undefined) return encodeMessage(Call_UpdateMaintenanceSchedule, { schedule });
      return encodeMessage(ScheduleReplacement, { expected: toScheduleMessage(order.expected, startedWallMs), schedule });
    }
    case "startMaintenance":
      return encodeMessage(Call_StartMaintenance, { machines: order.machines.map(toMachineMessage) });
    case "stopMaintenance":
      return encodeMessage(Call_StopMaintenance, { machines: order.machines.map(toMachineMessage) });
    case "getMaintenanceSchedule":
    case "getMaintenanceStatus":
    case "getMaintenanceProgress":
      return noRequest;
    case "updateQuota":
    case "setQuota":
    case "removeQuota":
    case "updateWeights":
    case "getQuota":
    case "getWeights":
      return encodeRoleOrder(order);
    default:
      return order satisfies never;
  }
}

function toDuration(durationMs: number): Duration {
  return { seconds: BigInt(Math.floor(durationMs / 1_000)), nanos: (durationMs % 1_000) * 1_000_000 };
}

function rpcOf(order: OrderJson): string {
  if (order.kind === "changeResources") return resourceRpcs[order.operation.kind];
  const isReplacement = order.kind === "updateSchedule" && order.expected !== undefined;
  return isReplacement ? "ReplaceMaintenanceSchedule" : orderRpcs[order.kind];
}

const orderRpcs = {
  drainAgent: "DrainAgent",
  deactivateAgent: "DeactivateAgent",
  reactivateAgent: "ReactivateAgent",
  markAgentGone: "MarkAgentGone",
  teardown: "Teardown",
  killTask: "KillTask",
  updateSchedule: "UpdateMaintenanceSchedule",
  startMaintenance: "StartMaintenance",
  stopMaintenance: "StopMaintenance",
  getMaintenanceSchedule: "GetMaintenanceSchedule",
  getMaintenanceStatus: "GetMaintenanceStatus",
  getMaintenanceProgress: "GetMaintenanceProgress",
  ...roleRpcs,
} as const satisfies Record<Exclude<OrderJson["kind"], "changeResources">, string>;
