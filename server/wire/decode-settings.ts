/** What a framework says of itself in SUBSCRIBE and in UPDATE_FRAMEWORK: its info, suppressed roles and offer constraints. */

import { type Result, succeed } from "../../common/result.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { OfferConstraints } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { FrameworkSettings } from "../core/calls/call.ts";
import { decodeOfferConstraints } from "./decode-offer-constraints.ts";
import { describeFramework } from "./describe-framework.ts";
import { rolesMax } from "./limits.ts";
import { findRolesProblem, refuseArgument } from "./rules.ts";

/** The fields that the two calls share. */
export interface SettingsMessage {
  readonly suppressedRoles: readonly string[];
  readonly offerConstraints?: OfferConstraints | undefined;
}

/** Reads the settings; `path` names the call's message in the refusal. */
export function decodeSettings(
  { suppressedRoles, offerConstraints }: SettingsMessage,
  { info, path }: { readonly info: FrameworkInfo; readonly path: string },
): Result<FrameworkSettings> {
  const framework = describeFramework(info, `${path}.framework_info`);
  if (!framework.ok) return framework;
  const { roles } = framework.value;
  const problem =
    findRolesProblem(`${path}.suppressed_roles`, suppressedRoles, rolesMax) ??
    findForeignRole(`${path}.suppressed_roles`, suppressedRoles, roles);
  if (problem !== undefined) return refuseArgument(problem);
  const constraints = decodeOfferConstraints(offerConstraints, `${path}.offer_constraints`);
  if (!constraints.ok) return constraints;
  const foreign = [...constraints.value.keys()].find((role) => !roles.includes(role));
  if (foreign !== undefined) {
    return refuseArgument(`${path}.offer_constraints.role_constraints must be of roles of the framework, has "${foreign}"`);
  }
  return succeed({ framework: framework.value, suppressedRoles, offerConstraints: constraints.value });
}

/** An id that is empty is the same as none. */
export function withoutEmptyId(info: FrameworkInfo): FrameworkInfo {
  return info.id?.value === "" ? { ...info, id: undefined } : info;
}

/** The rule that the id in the info breaks against the id of the call, if it has one. */
export function findOtherIdProblem(path: string, { id }: FrameworkInfo, callId: string | undefined): string | undefined {
  if (callId === undefined || callId === id?.value) return undefined;
  const found = id === undefined ? "not set" : `"${id.value.slice(0, 100)}"`;
  return `${path}.id must equal framework_id, "${callId.slice(0, 100)}", is ${found}`;
}

function findForeignRole(rolesPath: string, roles: readonly string[], own: readonly string[]): string | undefined {
  const ownRoles = new Set(own);
  const index = roles.findIndex((role) => !ownRoles.has(role));
  return index < 0 ? undefined : `${rolesPath}[${index}] must be a role of the framework, is "${roles[index]}"`;
}
