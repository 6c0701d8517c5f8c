/** SUPPRESS: no offers until REVIVE. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { chosenRoles, type RoleChoice, roleChoice } from "./role-choice.ts";

export interface SuppressStep {
  readonly kind: "suppress";
  readonly framework: number;
  readonly roles: RoleChoice;
}

export const suppress: CommandKind<SuppressStep> = {
  arbitrary: fc.record({ kind: fc.constant("suppress"), framework: position, roles: roleChoice }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run(world, step) {
    const framework = world.framework(step.framework);
    framework.send({ kind: "suppress", roles: chosenRoles(step.roles, framework.behaviour.roles) });
  },
};
