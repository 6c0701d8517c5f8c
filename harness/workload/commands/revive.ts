/** REVIVE: filters are forgotten, offers come again. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";
import { chosenRoles, type RoleChoice, roleChoice } from "./role-choice.ts";

export interface ReviveStep {
  readonly kind: "revive";
  readonly framework: number;
  readonly roles: RoleChoice;
}

export const revive: CommandKind<ReviveStep> = {
  arbitrary: fc.record({ kind: fc.constant("revive"), framework: position, roles: roleChoice }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run(world, step) {
    const framework = world.framework(step.framework);
    framework.send({ kind: "revive", roles: chosenRoles(step.roles, framework.behaviour.roles) });
  },
};
