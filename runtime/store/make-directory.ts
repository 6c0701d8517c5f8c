/**
 * Directories with their parents. Node's own way of making them never returns where there is a parent that takes no child, as in /proc
 * (seen with Node 24).
 */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Does nothing when the directory is there. Throws the system's error otherwise. */
export function makeDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectory(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have been faster.
    if (!(existsSync(path) && statSync(path).isDirectory())) throw error;
  }
}
