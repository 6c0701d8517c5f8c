/** What operators order, from the nested request messages of mesos.v1.master; a refusal names the field, the rule and the value. */

import { schema } from "../../common/contract-schema.ts";
import { AgentId, FrameworkId, TaskId } from "../../common/ids.ts";
import { type Result, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import type { Duration } from "../../protos/gen/google/protobuf/duration.ts";
import type { Schedule as ScheduleMessage } from "../../protos/gen/mesos/v1/maintenance/maintenance.ts";
import {
  Call_CreateVolumes,
  Call_DeactivateAgent,
  Call_DestroyVolumes,
  Call_DrainAgent,
  Call_GrowVolume,
  Call_MarkAgentGone,
  Call_ReactivateAgent,
  Call_RemoveQuota,
  Call_ReserveResources,
  Call_SetQuota,
  Call_ShrinkVolume,
  Call_StartMaintenance,
  Call_StopMaintenance,
  Call_Teardown,
  Call_UnreserveResources,
  Call_UpdateMaintenanceSchedule,
  Call_UpdateQuota,
  Call_UpdateWeights,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { AgentID } from "../../protos/gen/mesos/v1/mesos.ts";
import { KillTaskOrder, ScheduleReplacement } from "../../protos/gen/tepui/v1/operator_orders.ts";
import type { PlannedWindow } from "../core/maintenance/schedule.ts";
import type { OperatorCall } from "../core/operator/operator-call.ts";
import { callLimits } from "./limits.ts";
import { MachineReader, readUnavailability } from "./machine-codec.ts";
import { findTopRoleProblem, readQuotaChanges, readQuotaRequest } from "./quota-codec.ts";
import { readCreate, readDestroy, readGrow, readReserve, readShrink, readUnreserve } from "./resource-orders.ts";
import { findGraceProblem, findIdProblem, readDurationMs, refuseArgument } from "./rules.ts";
import { readWeightChanges } from "./weights-codec.ts";

type OrderDecoder = (bytes: Uint8Array) => Result<OperatorCall>;

/** By the name of the RPC. */
export const operatorOrders: Readonly<Record<string, OrderDecoder>> = {
  DrainAgent: checked("DrainAgent", (bytes) => {
    const { agentId, maxGracePeriod, markGone = false } = Call_DrainAgent.decode(bytes);
    const grace = readGrace(maxGracePeriod);
    if (!grace.ok) return grace;
    return ofAgent("drain_agent", agentId, (id) => ({ kind: "drainAgent", agentId: id, maxGraceMs: grace.value, markGone }));
  }),
  DeactivateAgent: checked("DeactivateAgent", (bytes) =>
    ofAgent("deactivate_agent", Call_DeactivateAgent.decode(bytes).agentId, (agentId) => ({ kind: "deactivateAgent", agentId })),
  ),
  ReactivateAgent: checked("ReactivateAgent", (bytes) =>
    ofAgent("reactivate_agent", Call_ReactivateAgent.decode(bytes).agentId, (agentId) => ({ kind: "reactivateAgent", agentId })),
  ),
  MarkAgentGone: checked("MarkAgentGone", (bytes) =>
    ofAgent("mark_agent_gone", Call_MarkAgentGone.decode(bytes).agentId, (agentId) => ({ kind: "markAgentGone", agentId })),
  ),
  Teardown: checked("Teardown", (bytes) => {
    const { frameworkId } = Call_Teardown.decode(bytes);
    const problem = findIdProblem("teardown.framework_id", frameworkId);
    if (problem !== undefined) return refuseArgument(problem);
    return succeed({ kind: "teardown", frameworkId: FrameworkId(frameworkId?.value ?? "") });
  }),
  KillTask: checkedAs("tepui.v1.KillTaskOrder", (bytes) => {
    const { frameworkId, taskId, killPolicy } = KillTaskOrder.decode(bytes);
    const problem =
      findIdProblem("kill_task.framework_id", frameworkId) ??
      findIdProblem("kill_task.task_id", taskId) ??
      findGraceProblem("kill_task.kill_policy", killPolicy);
    if (problem !== undefined) return refuseArgument(problem);
    const ids = { frameworkId: FrameworkId(frameworkId?.value ?? ""), taskId: TaskId(taskId?.value ?? "") };
    const grace = killPolicy?.gracePeriod;
    return succeed({ kind: "killTask", ...ids, graceMs: grace === undefined ? undefined : readDurationMs(grace) });
  }),
  ReserveResources: checked("ReserveResources", (bytes) => readReserve(Call_ReserveResources.decode(bytes))),
  UnreserveResources: checked("UnreserveResources", (bytes) => readUnreserve(Call_UnreserveResources.decode(bytes))),
  CreateVolumes: checked("CreateVolumes", (bytes) => readCreate(Call_CreateVolumes.decode(bytes))),
  DestroyVolumes: checked("DestroyVolumes", (bytes) => readDestroy(Call_DestroyVolumes.decode(bytes))),
  GrowVolume: checked("GrowVolume", (bytes) => readGrow(Call_GrowVolume.decode(bytes))),
  ShrinkVolume: checked("ShrinkVolume", (bytes) => readShrink(Call_ShrinkVolume.decode(bytes))),
  UpdateMaintenanceSchedule: checked("UpdateMaintenanceSchedule", (bytes) => {
    const { schedule } = Call_UpdateMaintenanceSchedule.decode(bytes);
    const windows = readWindows("update_maintenance_schedule.schedule", schedule);
    return windows.ok ? succeed({ kind: "updateSchedule", windows: windows.value, expected: undefined }) : windows;
  }),
  ReplaceMaintenanceSchedule: checkedAs("tepui.v1.ScheduleReplacement", (bytes) => {
    const message = ScheduleReplacement.decode(bytes);
    const expected = readWindows("replace_maintenance_schedule.expected", message.expected);
    if (!expected.ok) return expected;
    const windows = readWindows("replace_maintenance_schedule.schedule", message.schedule);
    return windows.ok ? succeed({ kind: "updateSchedule", windows: windows.value, expected: expected.value }) : windows;
  }),
  StartMaintenance: checked("StartMaintenance", (bytes) => {
    const machineIds = new MachineReader().read("start_maintenance.machines", Call_StartMaintenance.decode(bytes).machines);
    return machineIds.ok ? succeed({ kind: "startMaintenance", machineIds: machineIds.value }) : machineIds;
  }),
  StopMaintenance: checked("StopMaintenance", (bytes) => {
    const machineIds = new MachineReader().read("stop_maintenance.machines", Call_StopMaintenance.decode(bytes).machines);
    return machineIds.ok ? succeed({ kind: "stopMaintenance", machineIds: machineIds.value }) : machineIds;
  }),
  UpdateQuota: checked("UpdateQuota", (bytes) => {
    const changes = readQuotaChanges(Call_UpdateQuota.decode(bytes));
    return changes.ok ? succeed({ kind: "updateQuota", ...changes.value }) : changes;
  }),
  SetQuota: checked("SetQuota", (bytes) => {
    const changes = readQuotaRequest(Call_SetQuota.decode(bytes));
    return changes.ok ? succeed({ kind: "setQuota", ...changes.value }) : changes;
  }),
  RemoveQuota: checked("RemoveQuota", (bytes) => {
    const { role } = Call_RemoveQuota.decode(bytes);
    const rule = findTopRoleProblem(role);
    return rule === undefined ? succeed({ kind: "removeQuota", role }) : refuseArgument(`remove_quota.role ${rule}`);
  }),
  UpdateWeights: checked("UpdateWeights", (bytes) => {
    const weights = readWeightChanges(Call_UpdateWeights.decode(bytes));
    return weights.ok ? succeed({ kind: "updateWeights", weights: weights.value }) : weights;
  }),
};

function checked(name: string, decode: OrderDecoder): OrderDecoder {
  return checkedAs(`mesos.v1.master.Call.${name}`, decode);
}

function checkedAs(message: string, decode: OrderDecoder): OrderDecoder {
  return (bytes) => {
    const problem = checkMessage(schema, message, bytes, callLimits);
    return problem === undefined ? decode(bytes) : refuseArgument(problem);
  };
}

function ofAgent(path: string, agentId: AgentID | undefined, toCall: (agentId: AgentId) => OperatorCall): Result<OperatorCall> {
  const problem = findIdProblem(`${path}.agent_id`, agentId);
  return problem === undefined ? succeed(toCall(AgentId(agentId?.value ?? ""))) : refuseArgument(problem);
}

function readWindows(field: string, schedule: ScheduleMessage | undefined): Result<PlannedWindow[]> {
  const reader = new MachineReader();
  const windows: PlannedWindow[] = [];
  for (const [index, message] of (schedule?.windows ?? []).entries()) {
    const path = `${field}.windows[${index}]`;
    if (message.machineIds.length === 0) return refuseArgument(`${path}.machine_ids must not be empty`);
    const unavailability = readUnavailability(message.unavailability, `${path}.unavailability`);
    if (!unavailability.ok) return unavailability;
    const machineIds = reader.read(`${path}.machine_ids`, message.machineIds);
    if (!machineIds.ok) return machineIds;
    windows.push({ machineIds: machineIds.value, unavailability: unavailability.value });
  }
  return succeed(windows);
}

/** Undefined when it is absent. Rounded up, so that a short time does not become none. */
function readGrace(grace: Duration | undefined): Result<number | undefined> {
  if (grace === undefined) return succeed(undefined);
  const { seconds = 0n, nanos = 0 } = grace;
  if (seconds < 0n || nanos < 0)
    return refuseArgument(`drain_agent.max_grace_period must not be negative, is ${seconds} s and ${nanos} ns`);
  if (seconds > graceMaxSeconds)
    return refuseArgument(`drain_agent.max_grace_period must be at most ${graceMaxSeconds} s, is ${seconds} s`);
  return succeed(Number(seconds) * 1_000 + Math.ceil(nanos / 1e6));
}

/** A year; what is longer is a slip. */
const graceMaxSeconds = 31_536_000n;
