/** GET_QUOTA and GET_WEIGHTS: an operator looks what is set for roles. */

import fc from "fast-check";
import type { CommandKind } from "../command.ts";

export interface AskRolesStep {
  readonly kind: "askRoles";
  readonly question: "getQuota" | "getWeights";
}

export const askRoles: CommandKind<AskRolesStep> = {
  arbitrary: fc.record({ kind: fc.constant("askRoles"), question: fc.constantFrom("getQuota", "getWeights") }),
  check: () => true,
  run: (world, { question }) => world.operator.orderRoles({ kind: question }),
};
