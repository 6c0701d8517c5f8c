/** Finds sandboxes in a work directory as a person would: by looking through it. */

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Folders of all runs in the work directory of an agent, in no particular order. */
export function sandboxFolders(workDirectory: string): readonly string[] {
  const top = join(workDirectory, "slaves");
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "stdout")
    .map((entry) => entry.parentPath)
    .filter((folder) => dirname(folder).endsWith("/runs") && basename(folder) !== "latest");
}
