/** Operators can say of the roles of `--roles` only, as frameworks can subscribe to these only. */

import type { Refusal } from "../../../common/result.ts";
import type { MasterConfig } from "../config.ts";

/** `field` names where the roles come from. */
export function foreignRoleRefusal({ roles: known }: MasterConfig, roles: Iterable<string>, field: string): Refusal | undefined {
  if (known === undefined) return undefined;
  for (const role of roles) {
    if (known.has(role)) continue;
    return { code: "INVALID_ARGUMENT", message: `${field} must be one of the roles of this cluster, is "${role}"` };
  }
  return undefined;
}
