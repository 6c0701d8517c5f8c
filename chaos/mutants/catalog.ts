/** Every planted bug. The harness is only as good as the bugs it finds. */

import { callMutants } from "./call-mutants.ts";
import { checkMutants } from "./check-mutants.ts";
import { departureMutants } from "./departure-mutants.ts";
import { eventStreamMutants } from "./event-stream-mutants.ts";
import { executorMutants } from "./executor-mutants.ts";
import { frameworkMutants } from "./framework-mutants.ts";
import { groupMutants } from "./group-mutants.ts";
import { identityMutants } from "./identity-mutants.ts";
import { maintenanceMutants } from "./maintenance-mutants.ts";
import { type Mutant, mutantVariable } from "./mutant.ts";
import { offerMutants } from "./offer-mutants.ts";
import { operatorMutants } from "./operator-mutants.ts";
import { resourceMutants } from "./resource-mutants.ts";
import { roleMutants } from "./role-mutants.ts";
import { updateMutants } from "./update-mutants.ts";

/** By number, in order. */
export const mutants: readonly Mutant[] = [
  ...callMutants,
  ...checkMutants,
  ...departureMutants,
  ...eventStreamMutants,
  ...executorMutants,
  ...updateMutants,
  ...offerMutants,
  ...frameworkMutants,
  ...groupMutants,
  ...identityMutants,
  ...maintenanceMutants,
  ...operatorMutants,
  ...resourceMutants,
  ...roleMutants,
].sort((left, right) => numberOf(left) - numberOf(right));

/** Throws a RangeError that lists the known ids when there is none of this id. */
export function findMutant(id: string): Mutant {
  const found = mutants.find((mutant) => mutant.id === id);
  if (found === undefined) throw new RangeError(`there is no mutant "${id}"; there are: ${mutants.map((mutant) => mutant.id).join(" ")}`);
  return found;
}

function numberOf({ id }: Mutant): number {
  return Number(id.slice(1));
}

/** The bug that this process was started with, if any. */
export function plantedMutant(): Mutant | undefined {
  const id = process.env[mutantVariable];
  return id === undefined || id === "" ? undefined : findMutant(id);
}
