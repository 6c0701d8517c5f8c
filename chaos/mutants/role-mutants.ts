/** Planted bugs in quotas and weights of roles. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

export const roleMutants: readonly Mutant[] = [
  {
    id: "M140",
    title: "limits of quotas are ignored",
    breaks: ["S48"],
    file: "server/core/allocator/quota-budget.ts",
    search: "    const limit = leftToLimitMilli(this.#state, top, name) ?? Number.POSITIVE_INFINITY;",
    replace: `    const limit = Number.POSITIVE_INFINITY;
    if (leftToLimitMilli(this.#state, top, name) !== undefined) ${acts("M140")};`,
  },
  {
    id: "M141",
    title: "the next leader forgets the quotas",
    breaks: ["S48", "S43"],
    file: "server/core/recovery.ts",
    search: "        restoreRoleSettings(turn.state.quotas, record.quotas);",
    replace: `        ${acts("M141")};`,
  },
  {
    id: "M142",
    title: "the next leader forgets the weights",
    breaks: ["S48", "S43"],
    file: "server/core/recovery.ts",
    search: "        restoreRoleSettings(turn.state.weights, record.weights);",
    replace: `        ${acts("M142")};`,
  },
  {
    id: "M143",
    title: "offers beyond a limit stay when the limit is lowered, or tasks come back",
    breaks: ["S48"],
    file: "server/core/roles/rescind-for-quota.ts",
    search: "  if (over.size === 0) return;\n  for (const offer of newestFirst(state)) {",
    replace: `  if (over.size > 0) ${acts("M143")};
  if (over.size < Number.POSITIVE_INFINITY) return;
  for (const offer of newestFirst(state)) {`,
  },
  {
    id: "M144",
    title: "what is guaranteed to one role is offered to others",
    breaks: ["S62"],
    file: "server/core/allocator/quota-budget.ts",
    search: "    return spare === undefined ? limit : Math.min(limit, unmetMilli(this.#state, top, name) + Math.max(0, spare));",
    replace: `    if (spare !== undefined && unmetMilli(this.#state, top, name) + Math.max(0, spare) < limit) ${acts("M144")};
    return limit;`,
  },
];
