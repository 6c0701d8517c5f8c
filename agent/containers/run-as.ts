/**
 * As whom a command runs. Only an agent of root can run one as somebody else. The supervisor stays with the agent's user, so a task
 * can neither kill it nor rewrite its record; the switch happens last, in the process that becomes the task.
 *
 * Variables of the task reach neither the supervisor nor the program that switches: with LD_PRELOAD and its like a task would run
 * code as root. They lie in a file of the sandbox that the task's own shell reads after the switch, and removes.
 */

import { userInfo } from "node:os";

import { findUserNameProblem } from "../../common/command-rules.ts";
import type { ContainerSpec } from "../core/effect.ts";
import { shellPath } from "./supervisor-script.ts";
import { findUser, type SystemUser } from "./system-users.ts";
import { findUtilLinux } from "./util-linux.ts";

/** Where a task's shell finds its variables, in the sandbox. */
export const environmentFile = ".tepui-environment";

/** The switch to a user who is not the agent's own. */
export interface RunAs {
  readonly user: SystemUser;
  /** What stands before a program to run it as that user. */
  readonly prefix: readonly string[];
}

/** Names of users that a command could run as. */
export interface OwnUser {
  readonly name: string;
  readonly uid: number;
}

/** Who the agent runs as; by number where the machine has no name for it. */
export function ownUser(): OwnUser {
  const uid = process.geteuid?.() ?? 0;
  try {
    return { name: userInfo().username, uid };
  } catch {
    return { name: String(uid), uid };
  }
}

/** The name that the command must run as; undefined for the agent's own user. */
export function wantedUser(
  spec: Pick<ContainerSpec, "command" | "frameworkUser">,
  own: OwnUser,
  switchUser: boolean,
): { readonly field: string; readonly name: string } | undefined {
  const { command, frameworkUser } = spec;
  const wanted =
    command.user !== undefined ? { field: "command.user", name: command.user } : { field: "framework_info.user", name: frameworkUser };
  if (command.user === undefined && (!switchUser || frameworkUser === "")) return undefined;
  return wanted.name === own.name ? undefined : wanted;
}

/** Throws an error that says what is wrong with the user. Undefined when it is the agent's own by another name. */
export async function findRunAs(
  { field, name }: { readonly field: string; readonly name: string },
  own: OwnUser,
  switchUser: boolean,
): Promise<RunAs | undefined> {
  const problem = findUserNameProblem(name);
  if (problem !== undefined) throw new Error(`${field} ${problem}`);
  const user = await findUser(name);
  if (user === undefined) throw new Error(`${field} must be a user of the agent's machine, is "${name}"`);
  if (user.uid === own.uid) return undefined;
  if (own.uid !== 0) throw new Error(`${field} must be "${own.name}", the user of an agent that does not run as root, is "${name}"`);
  if (!switchUser) throw new Error(`${field} must be "${own.name}", the user of an agent with --switch-user=false, is "${name}"`);
  switcher ??= findSwitcher();
  return { user, prefix: (await switcher)(user) };
}

type Switcher = (user: SystemUser) => readonly string[];

let switcher: Promise<Switcher> | undefined;

/** `setpriv`, which takes a millisecond; else Node itself, which takes forty. */
async function findSwitcher(): Promise<Switcher> {
  const setpriv = await findUtilLinux("setpriv");
  if (setpriv === undefined) return nodeSwitcher;
  return ({ uid, gid }) => [setpriv, `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--"];
}

/** The groups first: once the user is another, they cannot be changed any more. */
const nodeScript = `const [name, uid, gid, ...command] = process.argv.slice(1);
process.initgroups(name, Number(gid));
process.setgid(Number(gid));
process.setuid(Number(uid));
process.execve(${JSON.stringify(shellPath)}, ["sh", "-c", 'exec "$@"', "sh", ...command], process.env);`;

/** Exported for its test: where there is a setpriv, this is not used. */
export function nodeSwitcher({ name, uid, gid }: SystemUser): readonly string[] {
  return [process.execPath, "--no-warnings", "-e", nodeScript, "--", name, String(uid), String(gid)];
}
