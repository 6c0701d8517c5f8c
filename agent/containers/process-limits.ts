/** Limits that the kernel keeps each process of a container within. The agent's user sets them, who may raise them, before the switch. */

import type { ProcessLimit } from "../core/container-setup.ts";
import { tryOut } from "./try-out.ts";
import { findUtilLinux } from "./util-linux.ts";

/** What stands before a program to run it within the limits. Throws an error that says why that cannot be. */
export async function limitPrefix(limits: readonly ProcessLimit[]): Promise<readonly string[]> {
  if (limits.length === 0) return [];
  const program = await findUtilLinux("prlimit");
  if (program === undefined) throw new Error("container.rlimit_info must be absent on a machine without prlimit of util-linux");
  const options = limits.map(({ name, range }) => `--${name}=${range === undefined ? "unlimited" : `${range.soft}:${range.hard}`}`);
  const prefix = [program, ...options, "--"];
  const complaint = await tryOut(prefix);
  if (complaint !== undefined) throw new Error(`container.rlimit_info must be what the agent's user may set: ${complaint}`);
  return prefix;
}
