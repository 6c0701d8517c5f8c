/** S52: what is reserved is offered to its role and the roles below it only. */

import { isSubRole } from "../../common/roles.ts";
import type { ResourceJson } from "../history/resource-json.ts";
import { type Checker, fail, pass } from "./checker.ts";

export const reservationsAreRespected: Checker = {
  id: "S52",
  title: "reserved resources are offered to their role only",
  check(view) {
    let evaluated = 0;
    for (const { offerId, role, resources, seq } of view.offers) {
      const reserved = resources.filter(({ reservations = [] }) => reservations.length > 0);
      evaluated += reserved.length;
      const foreign = reserved.find((entry) => !isFor(entry, role));
      if (foreign === undefined) continue;
      const owner = foreign.reservations?.at(-1)?.role;
      return fail(`offer ${offerId} to role ${role} has ${foreign.name} that is reserved for ${owner}`, [seq]);
    }
    return pass(evaluated);
  },
};

function isFor({ reservations = [] }: ResourceJson, role: string): boolean {
  const owner = reservations.at(-1)?.role;
  return owner === undefined || owner === role || isSubRole(role, owner);
}
