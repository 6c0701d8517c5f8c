/** The operator API: the core's answers as the nested response messages of mesos.v1.master, which the RPCs return directly. */

import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { writeFaultDomain } from "../../common/fault-domain.ts";
import type { Refusal } from "../../common/result.ts";
import { version } from "../../common/version.ts";
import { checkMessage } from "../../common/wire-check.ts";
import {
  Response_GetExecutors,
  Response_GetMaintenanceSchedule,
  Response_GetMaintenanceStatus,
  Response_GetOperations,
  Response_GetQuota,
  Response_GetRoles,
  Response_GetWeights,
} from "../../protos/gen/mesos/v1/master/master.ts";
import type { MasterInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { MaintenanceProgress } from "../../protos/gen/tepui/v1/maintenance.ts";
import { RoleUsage } from "../../protos/gen/tepui/v1/roles.ts";
import type { MasterAddress } from "../core/event.ts";
import type { OperatorResponse } from "../core/operator/operator-call.ts";
import { callLimits } from "./limits.ts";
import { encodeAgents, encodeFrameworks, encodeState, encodeTasks, finish, type Slices } from "./sliced-state.ts";

/** What is wrong with the request of a call that takes google.protobuf.Empty; unknown fields are not. */
export function emptyRefusal(bytes: Uint8Array): Refusal | undefined {
  const problem = checkMessage(schema, "google.protobuf.Empty", bytes, callLimits);
  return problem === undefined ? undefined : { code: "INVALID_ARGUMENT", message: problem };
}

/** Answers that grow with the cluster are encoded in slices. */
type LargeResponse = Extract<OperatorResponse, { kind: "getState" | "getAgents" | "getFrameworks" | "getTasks" }>;

/** Bytes of Response.GetState, Response.GetAgents, ... Those of a large answer are made a little at a time. */
export function encodeResponse(response: OperatorResponse): { readonly bytes: Uint8Array } | { readonly slices: Slices } {
  switch (response.kind) {
    case "getState":
      return { slices: encodeState(response.state) };
    case "getAgents":
      return { slices: encodeAgents(response.agents) };
    case "getFrameworks":
      return { slices: encodeFrameworks(response.frameworks) };
    case "getTasks":
      return { slices: encodeTasks(response.tasks) };
    default:
      return { bytes: encodeSmall(response) };
  }
}

/** The same at once, for those who have nobody to wait for. */
export function encodeOperatorResponse(response: OperatorResponse): Uint8Array {
  const encoded = encodeResponse(response);
  return "bytes" in encoded ? encoded.bytes : finish(encoded.slices);
}

function encodeSmall(response: Exclude<OperatorResponse, LargeResponse>): Uint8Array {
  switch (response.kind) {
    case "getExecutors":
      return encodeMessage(Response_GetExecutors, response.executors);
    case "getOperations":
      return encodeMessage(Response_GetOperations, response.operations);
    case "getMaintenanceSchedule":
      return encodeMessage(Response_GetMaintenanceSchedule, { schedule: response.schedule });
    case "getMaintenanceStatus":
      return encodeMessage(Response_GetMaintenanceStatus, { status: response.status });
    case "getMaintenanceProgress":
      return encodeMessage(MaintenanceProgress, response.progress);
    case "getRoles":
      return encodeMessage(Response_GetRoles, response.roles);
    case "getRoleUsage":
      return encodeMessage(RoleUsage, response.usage);
    case "getQuota":
      return encodeMessage(Response_GetQuota, response.quota);
    case "getWeights":
      return encodeMessage(Response_GetWeights, response.weights);
    case "done":
      return new Uint8Array();
  }
}

/** Where the master's HTTP API is, for clients that look for a Mesos master. */
export function toMasterInfo({ masterId, hostname, httpPort, domain }: MasterAddress): MasterInfo {
  const ip = readIpv4(hostname);
  const isIpv6 = hostname.includes(":");
  return {
    id: masterId,
    ip: ip ?? 0,
    port: httpPort,
    pid: `master@${isIpv6 ? `[${hostname}]` : hostname}:${httpPort}`,
    hostname,
    version,
    address: { hostname, ip: ip !== undefined || isIpv6 ? hostname : undefined, port: httpPort },
    domain: domain && writeFaultDomain(domain),
    capabilities: [],
  };
}

/** An IPv4 address as Mesos has it: the bytes in network order, read as a little-endian number. */
function readIpv4(hostname: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(hostname)) return undefined;
  const bytes = hostname.split(".").map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduceRight((number, byte) => number * 256 + byte, 0);
}
