/**
 * Programs of util-linux, which nearly every Linux has. They do what Node cannot do without a native addon. Those of busybox have the same
 * names and cannot do the same.
 */

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

type ProgramName = "mount" | "prlimit" | "script" | "setpriv" | "unshare";

const found = new Map<ProgramName, Promise<string | undefined>>();

/** The absolute path of the program; undefined where the machine does not have it. Looked for once. */
export function findUtilLinux(name: ProgramName): Promise<string | undefined> {
  const known = found.get(name) ?? look(name);
  found.set(name, known);
  return known;
}

async function look(name: ProgramName): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin", "/bin")) {
    const program = join(folder, name);
    if (!folder.startsWith("/")) continue;
    try {
      await access(program, constants.X_OK);
      if ((await promisify(execFile)(program, ["--version"])).stdout.includes("util-linux")) return program;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
