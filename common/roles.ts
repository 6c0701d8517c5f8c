/** Names of roles. A role may be hierarchical, with "/" between its components: `eng/ads`. Source: Mesos's common/roles.cpp. */

/** The role of everything that is not reserved, and of frameworks that name none. */
export const defaultRole = "*";

/** Roles become names of folders and of metrics. */
export const roleMaxLength = 255;

/** The rule that `role` breaks, or undefined when a framework may subscribe to it. */
export function roleProblem(role: string): string | undefined {
  if (role === defaultRole) return undefined;
  if (role.length === 0) return "must not be empty";
  if (role.length > roleMaxLength) return `must have at most ${roleMaxLength} characters, has ${role.length}`;
  for (let index = 0; index < role.length; index++) {
    const code = role.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f)
      return `must not contain white space or control characters, has U+${code.toString(16).padStart(4, "0")}`;
    if (code === backslash) return 'must not contain "\\"';
  }
  if (!role.includes("/")) return componentProblem(role, role);
  for (const component of role.split("/")) {
    const problem = componentProblem(component, role);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const backslash = 0x5c;

function componentProblem(component: string, role: string): string | undefined {
  if (component.length === 0) return `must not start or end with "/" nor have two in a row, is "${role}"`;
  if (component === "." || component === ".." || component === defaultRole)
    return `must not have the component "${component}", is "${role}"`;
  return component.startsWith("-") ? `must not have a component that starts with "-", is "${role}"` : undefined;
}

/** Whether `role` is below `ancestor` in the hierarchy: `eng/ads` is below `eng`. */
export function isSubRole(role: string, ancestor: string): boolean {
  return role.startsWith(`${ancestor}/`);
}

/** The first component: quotas are those of top-level roles. */
export function topRole(role: string): string {
  const slash = role.indexOf("/");
  return slash < 0 ? role : role.slice(0, slash);
}
