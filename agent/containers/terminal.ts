/**
 * Terminals for commands. Node cannot make one without a native addon; `script` of util-linux, which nearly every Linux has, makes one,
 * runs a command on it and answers with its status. It cannot be told a new size later.
 */

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { Terminal } from "../wire/nested-calls.ts";
import { quoteAll } from "./supervisor-request.ts";

let found: Promise<string | undefined> | undefined;

/** What runs `command` on a terminal; undefined where there is no program for that. */
export async function onTerminal(command: readonly string[], { size }: Terminal): Promise<readonly string[] | undefined> {
  found ??= findScript();
  const program = await found;
  if (program === undefined) return undefined;
  const sizing = size === undefined ? "" : `stty rows ${size.rows} cols ${size.columns}; `;
  return ["/usr/bin/env", "SHELL=/bin/sh", program, "-qec", `${sizing}exec ${quoteAll(command)}`, "/dev/null"];
}

/** That of busybox has the same name, and does not answer with the status. */
async function findScript(): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin", "/bin")) {
    const program = join(folder, "script");
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
