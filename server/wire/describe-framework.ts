/** What the master reads of a FrameworkInfo, whether it comes from a scheduler, from an agent or from the registry. */

import { type Result, refuse, succeed } from "../../common/result.ts";
import { defaultRole, roleProblem } from "../../common/roles.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { FrameworkInfo_Capability_Type as CapabilityType } from "../../protos/gen/mesos/v1/mesos.ts";
import type { FrameworkDescription } from "../core/calls/call.ts";
import { capabilitiesMax, rolesMax } from "./limits.ts";
import { readOfferMinimums } from "./offer-minimums.ts";
import { durationMaxSeconds, findOptionalIdProblem, findRolesProblem } from "./rules.ts";

/** Reads the description; `path` names the message in the refusal. */
export function describeFramework(info: FrameworkInfo, path: string): Result<FrameworkDescription> {
  const capabilities = new Set(info.capabilities.map((capability) => capability.type));
  const multiRole = capabilities.has(CapabilityType.MULTI_ROLE);
  const problem =
    findOptionalIdProblem(`${path}.id`, info.id) ??
    findCapabilitiesProblem(`${path}.capabilities`, info) ??
    (multiRole ? findMultiRoleProblem(path, info) : findSingleRoleProblem(path, info)) ??
    findTimeoutProblem(`${path}.failover_timeout`, info.failoverTimeout);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const offerMinimums = readOfferMinimums(info, `${path}.offer_filters`);
  if (!offerMinimums.ok) return offerMinimums;
  return succeed({
    name: info.name,
    user: info.user,
    principal: info.principal,
    roles: multiRole ? info.roles : [info.role ?? defaultRole],
    multiRole,
    partitionAware: capabilities.has(CapabilityType.PARTITION_AWARE),
    failoverTimeoutMs: Math.ceil((info.failoverTimeout ?? 0) * 1000),
    offerMinimums: offerMinimums.value,
    info,
  });
}

function findCapabilitiesProblem(path: string, { capabilities }: FrameworkInfo): string | undefined {
  if (capabilities.length > capabilitiesMax) return `${path} must have at most ${capabilitiesMax} entries, has ${capabilities.length}`;
  return undefined;
}

function findMultiRoleProblem(path: string, { role, roles }: FrameworkInfo): string | undefined {
  if (role !== undefined) return `${path}.role must not be set with the capability MULTI_ROLE, is "${role}"`;
  if (roles.length === 0) return `${path}.roles must not be empty with the capability MULTI_ROLE`;
  return findRolesProblem(`${path}.roles`, roles, rolesMax);
}

function findSingleRoleProblem(path: string, { role, roles }: FrameworkInfo): string | undefined {
  if (roles.length > 0) return `${path}.roles must not be set without the capability MULTI_ROLE, has ${roles.length}`;
  const rule = role === undefined ? undefined : roleProblem(role);
  return rule === undefined ? undefined : `${path}.role ${rule}`;
}

function findTimeoutProblem(path: string, seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  if (Number.isNaN(seconds)) return `${path} must be a number of seconds, is NaN`;
  if (seconds < 0) return `${path} must not be negative, is ${seconds}`;
  return seconds <= durationMaxSeconds ? undefined : `${path} must be at most ${durationMaxSeconds} seconds, is ${seconds}`;
}
