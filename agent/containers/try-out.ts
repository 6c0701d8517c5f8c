/** Starts something as a container would be started, to learn beforehand why it could not be. */

import { execFile } from "node:child_process";

import { shellPath } from "./supervisor-script.ts";

/** What keeps a command with this before it from starting, which it could not say itself: its output may be somebody else's. */
export function tryOut([program = "", ...prefix]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...prefix, shellPath, "-c", ":"], (error, _stdout, stderr) => {
      resolve(error === null ? undefined : stderr.trim().split("\n")[0] || error.message);
    });
  });
}
