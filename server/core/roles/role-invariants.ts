/** What must hold between what roles hold and what is counted of it, and of the limits of quotas. */

import { assert } from "../../../common/assert.ts";
import type { Resources } from "../../../common/resources.ts";
import { topRole } from "../../../common/roles.ts";
import {
  countOpenQuantities,
  countReservedQuantities,
  describeQuantities,
  equalQuantities,
  type Quantities,
  quantitiesOf,
} from "../allocator/share.ts";
import type { MasterState } from "../state.ts";
import { consumedMilli, namesOverLimit } from "./consumption.ts";

export function checkRoles(state: MasterState): void {
  const { openUse, reserved } = state.allocation;
  const held = new Map<string, Map<string, number>>();
  const hold = ({ role, resources }: { readonly role: string; readonly resources: Resources }): void =>
    countOpenQuantities(quantitiesOf(held, topRole(role)), resources, 1);
  const inTotals = new Map<string, Map<string, number>>();
  for (const agent of state.agents.values()) {
    agent.offers.forEach(hold);
    agent.executors.forEach(hold);
    for (const task of agent.tasks) if (task.holdsResources) hold(task);
    countReservedQuantities(inTotals, agent.total, 1);
  }
  checkCounts("uses", openUse, held);
  checkCounts("has reserved", reserved, inTotals);
  checkLimits(state);
}

type Counts = ReadonlyMap<string, Quantities>;

function checkCounts(what: string, counted: Counts, actual: Counts): void {
  for (const role of new Set([...counted.keys(), ...actual.keys()])) {
    const [left, right] = [counted.get(role) ?? nothing, actual.get(role) ?? nothing];
    assert(
      equalQuantities(left, right),
      () => `role ${role} counts that it ${what} ${describeQuantities(left)}, it is ${describeQuantities(right)}`,
    );
  }
}

const nothing: Quantities = new Map();

/** What runs may be beyond a limit, when it was there first; what is offered may not. */
function checkLimits(state: MasterState): void {
  for (const [role, quota] of state.quotas.current) {
    const over = namesOverLimit(state, role, quota);
    if (over.size === 0) continue;
    for (const { offerId, role: offered, resources } of state.offers.values()) {
      if (topRole(offered) !== role) continue;
      const quantities = new Map<string, number>();
      countOpenQuantities(quantities, resources, 1);
      for (const name of quantities.keys()) {
        assert(
          !over.has(name),
          () =>
            `offer ${offerId} has ${name}, of which role ${role} has ${consumedMilli(state, role, name)} thousandths, more than its limit`,
        );
      }
    }
  }
}
