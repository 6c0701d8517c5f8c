/** Answers what operators ask. Every answer is one consistent picture of the state at one step. */

import { assertNever } from "../../../common/assert.ts";
import type { Turn } from "../turn.ts";
import { getAgents } from "./get-agents.ts";
import { getExecutors } from "./get-executors.ts";
import { getFrameworks } from "./get-frameworks.ts";
import { getMaintenanceSchedule, getMaintenanceStatus } from "./get-maintenance.ts";
import { getMaintenanceProgress } from "./get-maintenance-progress.ts";
import { getOperations } from "./get-operations.ts";
import { getQuota } from "./get-quota.ts";
import { getRoles, getRoleUsage } from "./get-roles.ts";
import { getState } from "./get-state.ts";
import { getTasks } from "./get-tasks.ts";
import { getWeights } from "./get-weights.ts";
import type { OperatorQuestion, OperatorResponse } from "./operator-call.ts";

export function operatorResponse(turn: Turn, call: OperatorQuestion): OperatorResponse {
  const { state } = turn;
  switch (call.kind) {
    case "getState":
      return { kind: "getState", state: getState(state), term: state.term, registryVersion: state.registrar.version };
    case "getAgents":
      return { kind: "getAgents", agents: getAgents(state) };
    case "getFrameworks":
      return { kind: "getFrameworks", frameworks: getFrameworks(state) };
    case "getExecutors":
      return { kind: "getExecutors", executors: getExecutors(state) };
    case "getTasks":
      return { kind: "getTasks", tasks: getTasks(state) };
    case "getOperations":
      return { kind: "getOperations", operations: getOperations(state) };
    case "getMaintenanceSchedule":
      return { kind: "getMaintenanceSchedule", schedule: getMaintenanceSchedule(state) };
    case "getMaintenanceStatus":
      return { kind: "getMaintenanceStatus", status: getMaintenanceStatus(state) };
    case "getMaintenanceProgress":
      return { kind: "getMaintenanceProgress", progress: getMaintenanceProgress(turn) };
    case "getRoles":
      return { kind: "getRoles", roles: getRoles(turn) };
    case "getRoleUsage":
      return { kind: "getRoleUsage", usage: getRoleUsage(turn) };
    case "getQuota":
      return { kind: "getQuota", quota: getQuota(state) };
    case "getWeights":
      return { kind: "getWeights", weights: getWeights(state) };
    default:
      return assertNever(call);
  }
}
