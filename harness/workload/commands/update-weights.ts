/** UPDATE_WEIGHTS: an operator weighs a role, or gets it wrong. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";

export interface UpdateWeightsStep {
  readonly kind: "updateWeights";
  readonly role: "batch" | "web" | "web/ads";
  /** 0 must be refused. */
  readonly weight: number;
}

export const updateWeights: CommandKind<UpdateWeightsStep> = {
  arbitrary: fc.record({
    kind: fc.constant("updateWeights"),
    role: fc.constantFrom("web", "batch", "web/ads"),
    weight: fc.constantFrom(2, 0.5, 1, 10, 0),
  }),
  check: () => true,
  run: (world, { role, weight }) => world.operator.orderRoles({ kind: "updateWeights", weights: [{ role, weight }] }),
};
