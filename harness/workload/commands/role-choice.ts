/** Which roles a REVIVE or SUPPRESS names. */

import fc from "fast-check";

/** None, which means all of the framework's; its first; one that is not its own, so that the call must be refused. */
export type RoleChoice = "all" | "first" | "foreign";

export const roleChoice: fc.Arbitrary<RoleChoice> = fc.oneof(
  { weight: 4, arbitrary: fc.constant("all" as const) },
  { weight: 2, arbitrary: fc.constant("first" as const) },
  { weight: 1, arbitrary: fc.constant("foreign" as const) },
);

export function chosenRoles(choice: RoleChoice, roles: readonly string[]): readonly string[] {
  switch (choice) {
    case "all":
      return [];
    case "first":
      return roles.slice(0, 1);
    case "foreign":
      return [...roles.slice(0, 1), "nobodys"];
  }
}
