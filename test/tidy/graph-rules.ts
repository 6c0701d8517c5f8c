// Rules about all files together: no cycles, and no file that nothing leads to. Programs are the roots: main.ts, scripts, and whatever
// another file names by path (workers, children). What only a test leads to is dead, too, unless it belongs to the tests.
import { dirname, join, normalize } from "node:path";
import { type SourceFile, stringLiterals } from "./source-file.ts";

/** One finding per cycle, each file reported once. */
export function cycleFindings(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const findings: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      const cycle = [...trail.slice(start), path].join(" -> ");
      findings.push(`cycle: ${cycle}; move what both need into a file below them`);
      return;
    }
    if (done.has(path)) return;
    for (const each of byPath.get(path)?.imports ?? []) {
      if (each.target !== undefined && byPath.has(each.target)) visit(each.target, [...trail, path]);
    }
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return findings;
}

/** Files that no program leads to. `named` are further paths that count as programs, such as those in package.json. */
export function deadFileFindings(files: readonly SourceFile[], named: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const isTest = (file: SourceFile): boolean => file.path.startsWith("test/");
  const production = reachable(
    files.filter((file) => !isTest(file) && (isProgram(file.path) || named.includes(file.path))),
    byPath,
  );
  const withTests = reachable(
    files.filter((file) => file.path.endsWith(".test.ts") || production.has(file.path)),
    byPath,
  );
  return files
    .filter((file) => !(isTest(file) ? withTests : production).has(file.path))
    .map((file) => `${file.path}: no program leads to it; use it or delete it`);
}

function isProgram(path: string): boolean {
  return path.endsWith("/main.ts") || path.endsWith(".d.ts") || path.startsWith("scripts/");
}

function reachable(roots: readonly SourceFile[], byPath: ReadonlyMap<string, SourceFile>): Set<string> {
  const found = new Set(roots.map((file) => file.path));
  const waiting = [...roots];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const path of pathsNamedBy(file)) {
      const target = byPath.get(path);
      if (target === undefined || found.has(path)) continue;
      found.add(path);
      waiting.push(target);
    }
  }
  return found;
}

/** What a file imports, and what it names by path: from its own folder or from the root of the repository. */
function pathsNamedBy(file: SourceFile): string[] {
  const literals = stringLiterals(file).filter((literal) => /\.(?:ts|mjs)$/.test(literal));
  return literals.flatMap((literal) => [normalize(join(dirname(file.path), literal)), normalize(literal)]);
}
