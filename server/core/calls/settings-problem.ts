/** Rules for what a framework says of itself that need the master's configuration. SUBSCRIBE and UPDATE_FRAMEWORK share them. */

import type { MasterConfig } from "../config.ts";
import type { FrameworkSettings } from "./call.ts";

/** The first rule that the settings break, below `path`. */
export function settingsProblem(
  config: Pick<MasterConfig, "roles" | "rootSubmissions">,
  { framework, suppressedRoles, offerConstraints }: FrameworkSettings,
  path: string,
): string | undefined {
  const own = new Set(framework.roles);
  const unlisted = framework.roles.find((role) => config.roles?.has(role) === false);
  if (unlisted !== undefined) return `${path}.framework_info.roles must be among the master's --roles, has "${unlisted}"`;
  if (framework.user === "root" && !config.rootSubmissions) {
    return `${path}.framework_info.user must not be root on this master, which runs with --root-submissions=false`;
  }
  const suppressed = suppressedRoles.find((role) => !own.has(role));
  if (suppressed !== undefined) return `${path}.suppressed_roles must be roles of the framework, has "${suppressed}"`;
  for (const role of offerConstraints.keys()) {
    if (!own.has(role)) return `${path}.offer_constraints.role_constraints must be of roles of the framework, has "${role}"`;
  }
  return undefined;
}

export function quoted(text: string | undefined): string {
  return text === undefined ? "absent" : `"${text}"`;
}
