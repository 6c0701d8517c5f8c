/** SUBSCRIBE: who the framework is and what it wants to be offered. */

import { FrameworkId } from "../../common/ids.ts";
import { type Result, succeed } from "../../common/result.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Call, OfferConstraints } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { SubscribeCall } from "../core/calls/call.ts";
import { describeFramework } from "./describe-framework.ts";
import { rolesMax } from "./limits.ts";
import { findRolesProblem, refuseArgument, refuseUnsupported } from "./rules.ts";

const path = "subscribe.framework_info";

/** Reads a SUBSCRIBE. An empty framework id is the same as none: a new framework. */
export function decodeSubscribe(call: Call): Result<SubscribeCall> {
  const { subscribe } = call;
  const given = subscribe?.frameworkInfo;
  if (subscribe === undefined || given === undefined) return refuseArgument("subscribe must be set");
  const info: FrameworkInfo = given.id?.value === "" ? { ...given, id: undefined } : given;
  const frameworkId = info.id?.value;
  const callId = call.frameworkId?.value === "" ? undefined : call.frameworkId?.value;
  if (callId !== undefined && callId !== frameworkId) {
    const found = frameworkId === undefined ? "not set" : `"${frameworkId.slice(0, 100)}"`;
    return refuseArgument(`${path}.id must equal framework_id, "${callId.slice(0, 100)}", is ${found}`);
  }
  const framework = describeFramework(info, path);
  if (!framework.ok) return framework;
  if (subscribe.offerConstraints !== undefined && hasConstraints(subscribe.offerConstraints)) {
    return refuseUnsupported("subscribe.offer_constraints");
  }
  if (Object.keys(info.offerFilters).length > 0) return refuseUnsupported(`${path}.offer_filters`);
  const problem =
    findRolesProblem("subscribe.suppressed_roles", subscribe.suppressedRoles, rolesMax) ??
    findForeignRole("subscribe.suppressed_roles", subscribe.suppressedRoles, framework.value.roles);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({
    frameworkId: frameworkId === undefined ? undefined : FrameworkId(frameworkId),
    framework: framework.value,
    suppressedRoles: subscribe.suppressedRoles,
  });
}

function hasConstraints(constraints: OfferConstraints): boolean {
  return Object.keys(constraints.roleConstraints).length > 0;
}

function findForeignRole(rolesPath: string, roles: readonly string[], own: readonly string[]): string | undefined {
  const ownRoles = new Set(own);
  const index = roles.findIndex((role) => !ownRoles.has(role));
  return index < 0 ? undefined : `${rolesPath}[${index}] must be a role of the framework, is "${roles[index]}"`;
}
