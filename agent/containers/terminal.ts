/**
 * Terminals for commands. Node cannot make one without a native addon; `script` of util-linux makes one,
 * runs a command on it and answers with its status. It cannot be told a new size later.
 */

import type { Terminal } from "../wire/nested-calls.ts";
import { quoteAll } from "./supervisor-request.ts";
import { findUtilLinux } from "./util-linux.ts";

/** What runs `command` on a terminal; undefined where there is no program for that. */
export async function onTerminal(command: readonly string[], { size }: Terminal): Promise<readonly string[] | undefined> {
  const program = await findUtilLinux("script");
  if (program === undefined) return undefined;
  const sizing = size === undefined ? "" : `stty rows ${size.rows} cols ${size.columns}; `;
  return ["/usr/bin/env", "SHELL=/bin/sh", program, "-qec", `${sizing}exec ${quoteAll(command)}`, "/dev/null"];
}
