/** UPDATE_FRAMEWORK: other roles, other suppressed roles, or a change that must be refused whole. The next SUBSCRIBE undoes it. */

import fc from "fast-check";
import type { ForbiddenChange } from "../../history/event.ts";
import { type CommandKind, position } from "../command.ts";

export interface UpdateFrameworkStep {
  readonly kind: "updateFramework";
  readonly framework: number;
  /** As subscribed; the first of them; one more; another one instead. */
  readonly roles: "same" | "first" | "more" | "other";
  /** `foreign` is no role of the framework. */
  readonly suppressed: "none" | "first" | "all" | "foreign";
  readonly forbidden: ForbiddenChange | null;
}

export const updateFramework: CommandKind<UpdateFrameworkStep> = {
  arbitrary: fc.record({
    kind: fc.constant("updateFramework"),
    framework: position,
    roles: fc.constantFrom("same", "first", "more", "other"),
    suppressed: fc.oneof(
      { weight: 5, arbitrary: fc.constant("none" as const) },
      { weight: 1, arbitrary: fc.constantFrom("first" as const, "all" as const, "foreign" as const) },
    ),
    forbidden: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom("user" as const, "principal" as const, "checkpoint" as const) },
    ),
  }),
  check: (world, step) => world.framework(step.framework).isSubscribed,
  run(world, step) {
    const framework = world.framework(step.framework);
    const { failoverTimeoutMs, partitionAware, checkpoint } = framework.behaviour;
    const roles = rolesOf(step, framework.behaviour.roles);
    framework.send({
      kind: "updateFramework",
      failoverTimeoutMs,
      partitionAware,
      ...(checkpoint === false ? { checkpoint } : {}),
      roles,
      suppressedRoles: suppressedOf(step, roles),
      ...(step.forbidden === null ? {} : { forbidden: step.forbidden }),
    });
  },
};

const otherRole = "extra";

function rolesOf({ roles }: UpdateFrameworkStep, subscribed: readonly string[]): readonly string[] {
  switch (roles) {
    case "same":
      return subscribed;
    case "first":
      return subscribed.slice(0, 1);
    case "more":
      return [...subscribed, otherRole];
    case "other":
      return [otherRole];
  }
}

function suppressedOf({ suppressed }: UpdateFrameworkStep, roles: readonly string[]): readonly string[] {
  switch (suppressed) {
    case "none":
      return [];
    case "first":
      return roles.slice(0, 1);
    case "all":
      return roles;
    case "foreign":
      return ["nobodys"];
  }
}
