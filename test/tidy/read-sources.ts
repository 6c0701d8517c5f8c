// Finds and parses the sources of the repository: everything written by hand in TypeScript or JavaScript, generated code left out.
import { globSync, readFileSync } from "node:fs";
import { parseSource, type SourceFile } from "./source-file.ts";

const notOurs = new Set(["node_modules", "out", "gen", ".git", ".tepui"]);

export function readSources(): SourceFile[] {
  const paths = globSync("**/*.{ts,mjs}", { exclude: (name) => notOurs.has(name.split("/").at(-1) ?? name) });
  return paths.sort().map((path) => parseSource(path, readFileSync(path, "utf8")));
}
