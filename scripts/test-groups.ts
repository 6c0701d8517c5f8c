// Which test files belong to which group. A group is named after its folder under test/; everything else is `unit`.
// The order is that of a run: what is quick and what says most comes first.
import { globSync, statSync } from "node:fs";

export interface TestGroup {
  readonly name: string;
  /** How long one test may take before it counts as hung. */
  readonly timeoutMs: number;
  /** Whether it needs what scripts/setup-tests.mjs brings: a container engine, Python with gRPC. */
  readonly needsMachine: boolean;
}

/** Groups with a folder of their own under test/. */
const folderGroups: readonly TestGroup[] = [
  { name: "simulation", timeoutMs: 120_000, needsMachine: false },
  { name: "processes", timeoutMs: 180_000, needsMachine: false },
  { name: "examples", timeoutMs: 120_000, needsMachine: true },
  { name: "containers", timeoutMs: 300_000, needsMachine: true },
];

export const testGroups: readonly TestGroup[] = [{ name: "unit", timeoutMs: 20_000, needsMachine: false }, ...folderGroups];

/** The group that a test file, given by its path from the root of the repository, belongs to. */
export function groupOf(path: string): string {
  return folderGroups.find((group) => path.startsWith(`test/${group.name}/`))?.name ?? "unit";
}

/** All test files, or those under the given files and folders, sorted. */
export function testFiles(paths: readonly string[] = []): string[] {
  const patterns = paths.map((path) => (isFolder(path) ? `${path.replace(/\/+$/, "")}/**/*.test.ts` : path));
  return globSync(patterns.length === 0 ? ["test/**/*.test.ts"] : patterns).sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
