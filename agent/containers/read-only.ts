/**
 * Volumes that a container may only read. Links cannot keep it from writing, so what they lead to is mounted onto itself, for reading, in a
 * mount namespace of the container's own: nothing of that is seen outside, nothing is left of it afterwards, and whoever looks from
 * outside, as checks do, still finds the volume behind the link. Only an agent that may mount can do it.
 */

import { existsSync, realpathSync } from "node:fs";

import { shellPath } from "./supervisor-script.ts";
import { tryOut } from "./try-out.ts";
import { findUtilLinux } from "./util-linux.ts";

/** $1 the program that mounts, $2 how many paths, those, the command. */
const mountThenRun = `tepui_mount=$1
tepui_count=$2
shift 2
while [ "$tepui_count" -gt 0 ]; do
  "$tepui_mount" --bind "$1" "$1" && "$tepui_mount" -o remount,bind,ro "$1" || exit 125
  [ ! -w "$1" ] || { echo "$1 is still writable" >&2; exit 125; }
  shift
  tepui_count=$((tepui_count - 1))
done
exec "$@"`;

/** What stands before a program so that it can only read the paths, which are absolute. Throws an error that says why that cannot be. */
export async function readOnlyPrefix(paths: readonly string[], workDirectory: string): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const [unshare, mount] = await Promise.all([findUtilLinux("unshare"), findUtilLinux("mount")]);
  if (unshare === undefined || mount === undefined) {
    throw new Error("container.volumes must have the mode RW on a machine without unshare and mount of util-linux");
  }
  const there = paths.filter((path) => existsSync(path));
  const around = there.find((path) => `${realpathSync(workDirectory)}/`.startsWith(`${realpathSync(path)}/`.replace("//", "/")));
  if (around !== undefined) {
    throw new Error(`container.volumes must have the mode RW for what holds the agent's work directory, "${around}" does`);
  }
  const prefix = (all: readonly string[]): readonly string[] => {
    const own = [unshare, "--mount", "--propagation", "slave", "--", shellPath, "-c", mountThenRun, "tepui-mount"];
    return [...own, mount, String(all.length), ...all];
  };
  // What is not there yet is made in the work directory.
  const complaint = await tryOut(prefix([workDirectory, ...there]));
  if (complaint !== undefined) throw new Error(`container.volumes must have the mode RW where the agent cannot mount: ${complaint}`);
  return prefix(paths);
}
