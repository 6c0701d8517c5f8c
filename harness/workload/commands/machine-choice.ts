/** Which machines a step of an operator is about. */

import fc from "fast-check";
import type { MachineJson } from "../../history/maintenance-json.ts";
import { position } from "../command.ts";
import type { MachineChoice } from "../maintenance-plan.ts";
import { at, type World } from "../world.ts";

export interface MachinesStep {
  readonly which: MachineChoice;
  /** Positions among the machines of the choice; the same one twice is a mistake, and so is none. */
  readonly machines: readonly number[];
}

/** Mostly one of `usual`; sometimes machines that the order cannot be about. */
export function machinesOf(usual: "scheduled" | "down"): { readonly [Key in keyof MachinesStep]: fc.Arbitrary<MachinesStep[Key]> } {
  return {
    which: fc.oneof(
      { weight: 8, arbitrary: fc.constant<MachineChoice>(usual) },
      { weight: 1, arbitrary: fc.constantFrom<MachineChoice>("scheduled", "down", "any", "unknown") },
    ),
    machines: fc.oneof(
      { weight: 8, arbitrary: fc.array(position, { minLength: 1, maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(position, { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
  };
}

export function hasMachine(world: World, { which }: MachinesStep): boolean {
  return world.operator.maintenance.machines(which).length > 0;
}

/** There is one: `hasMachine` was asked. */
export function chosenMachines(world: World, { which, machines }: MachinesStep): readonly MachineJson[] {
  const known = world.operator.maintenance.machines(which);
  return machines.map((machine) => at(known, machine));
}
