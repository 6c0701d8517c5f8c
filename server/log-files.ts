/** Where operators find the log of a master: `/master/log`, as in the reference. Nothing else of the machine has a name here. */

import { realpath } from "node:fs/promises";

import type { Locate } from "../runtime/exposed-files.ts";

/** `log`: a file, or a directory of files, which somebody writes who reads this process's stderr; undefined when nobody said so. */
export function locateLog(log: string | undefined): Locate {
  return async ([first, second, ...within]) => {
    if (log === undefined || first !== "master" || second !== "log") return undefined;
    // Rotation puts another file in its place, and the operator's own links may be followed.
    return { root: await realpath(log), within };
  };
}
