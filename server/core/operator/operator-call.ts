/** What an operator can ask of the master, and the answers; `wire/operator.ts` makes mesos.v1.master messages of them. */

import type { AgentId, FrameworkId, TaskId } from "../../../common/ids.ts";
import type { ResourceOperation } from "../../../common/resource-operations.ts";
import type { ClusterStatus, Schedule } from "../../../protos/gen/mesos/v1/maintenance/maintenance.ts";
import type {
  Response_GetExecutors,
  Response_GetOperations,
  Response_GetQuota,
  Response_GetRoles,
  Response_GetWeights,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MaintenanceProgress } from "../../../protos/gen/tepui/v1/maintenance.ts";
import type { RoleUsage } from "../../../protos/gen/tepui/v1/roles.ts";
import type { DrainOrder } from "../agents/standing.ts";
import type { MachineId } from "../maintenance/machine.ts";
import type { PlannedWindow } from "../maintenance/schedule.ts";
import type { QuotaChanges } from "../roles/quota.ts";
import type { Weights } from "../roles/weights.ts";
import type { AgentsSnapshot, FrameworksSnapshot, StateSnapshot, TasksSnapshot } from "./snapshot.ts";

export type OperatorCall =
  | { readonly kind: "getState" }
  | { readonly kind: "getAgents" }
  | { readonly kind: "getFrameworks" }
  | { readonly kind: "getExecutors" }
  | { readonly kind: "getTasks" }
  | { readonly kind: "getOperations" }
  | { readonly kind: "getMaintenanceSchedule" }
  | { readonly kind: "getMaintenanceStatus" }
  | { readonly kind: "getMaintenanceProgress" }
  | { readonly kind: "getRoles" }
  | { readonly kind: "getRoleUsage" }
  | { readonly kind: "getWeights" }
  | { readonly kind: "getQuota" }
  | ({ readonly kind: "updateQuota" } & QuotaChanges)
  | ({ readonly kind: "setQuota" } & QuotaChanges)
  | { readonly kind: "removeQuota"; readonly role: string }
  | { readonly kind: "updateWeights"; readonly weights: Weights }
  /** `expected`: what the schedule has to be; undefined: whatever it is. */
  | {
      readonly kind: "updateSchedule";
      readonly windows: readonly PlannedWindow[];
      readonly expected: readonly PlannedWindow[] | undefined;
    }
  | { readonly kind: "startMaintenance"; readonly machineIds: readonly MachineId[] }
  | { readonly kind: "stopMaintenance"; readonly machineIds: readonly MachineId[] }
  | ({ readonly kind: "drainAgent" } & DrainOrder)
  | { readonly kind: "deactivateAgent"; readonly agentId: AgentId }
  | { readonly kind: "reactivateAgent"; readonly agentId: AgentId }
  | { readonly kind: "markAgentGone"; readonly agentId: AgentId }
  | { readonly kind: "teardown"; readonly frameworkId: FrameworkId }
  /** Without a grace the task's own counts. */
  | { readonly kind: "killTask"; readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly graceMs: number | undefined }
  /** ReserveResources, UnreserveResources, CreateVolumes, DestroyVolumes, GrowVolume, ShrinkVolume. */
  | { readonly kind: "changeResources"; readonly agentId: AgentId; readonly operation: ResourceOperation };

/** Those that are answered by what the master knows at once. */
export type OperatorQuestion = Extract<OperatorCall, { readonly kind: `get${string}` }>;

export type OperatorResponse =
  | { readonly kind: "getState"; readonly state: StateSnapshot; readonly term: number; readonly registryVersion: number }
  | { readonly kind: "getAgents"; readonly agents: AgentsSnapshot }
  | { readonly kind: "getFrameworks"; readonly frameworks: FrameworksSnapshot }
  | { readonly kind: "getExecutors"; readonly executors: Response_GetExecutors }
  | { readonly kind: "getTasks"; readonly tasks: TasksSnapshot }
  | { readonly kind: "getOperations"; readonly operations: Response_GetOperations }
  | { readonly kind: "getMaintenanceSchedule"; readonly schedule: Schedule }
  | { readonly kind: "getMaintenanceStatus"; readonly status: ClusterStatus }
  | { readonly kind: "getMaintenanceProgress"; readonly progress: MaintenanceProgress }
  | { readonly kind: "getRoles"; readonly roles: Response_GetRoles }
  | { readonly kind: "getRoleUsage"; readonly usage: RoleUsage }
  | { readonly kind: "getWeights"; readonly weights: Response_GetWeights }
  | { readonly kind: "getQuota"; readonly quota: Response_GetQuota }
  /** What was ordered is durable: in the registry or, where it is an agent's, on its disk. A kill was passed on. */
  | { readonly kind: "done" };
