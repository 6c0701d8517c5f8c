// Rules about one file by itself: size, header, names, leftovers, and what the pure folders may not mention. Each finding says what to do
// instead. What needs a real parser (functions of at most 70 lines, `any`, `!`, focused tests, floating promises) is Biome's: biome.json.
import { basename } from "node:path";
import { lineAt, type SourceFile } from "./source-file.ts";

export const lineMax = 400;
export const columnMax = 140;

/** Folders that run in the simulator and so may not see the world: the same list as in tsconfig.pure.json. */
export const pureFolders = ["common", "server/core", "server/wire", "agent/core", "agent/wire", "harness/sim"];

interface Banned {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const bannedInPure: readonly Banned[] = [
  { name: "Date.now()", pattern: /\bDate\.now\b/g, instead: "use the nowMs that arrives with the input" },
  { name: "new Date()", pattern: /\bnew Date\(\s*\)/g, instead: "use the wall time that arrives with the input" },
  { name: "performance", pattern: /\bperformance\./g, instead: "use the nowMs that arrives with the input" },
  { name: "Math.random()", pattern: /\bMath\.random\b/g, instead: "use a counter, or the seeded generator of common/prng.ts" },
  { name: "a timer", pattern: /\b(?:set|clear)(?:Timeout|Interval|Immediate)\b/g, instead: "answer nextDeadlineMs() and act on the tick" },
  { name: "queueMicrotask", pattern: /\bqueueMicrotask\b/g, instead: "do it in this step, or emit an effect" },
  { name: "process", pattern: /(?<![\w.])process\./g, instead: "take it from the configuration" },
  { name: "console", pattern: /(?<![\w.])console\./g, instead: "emit a log effect, or return the reason" },
  { name: "Buffer", pattern: /(?<![\w.])Buffer\b/g, instead: "use Uint8Array" },
  { name: "crypto", pattern: /(?<![\w.])crypto\./g, instead: "use a counter, or the seeded generator of common/prng.ts" },
  { name: "fetch", pattern: /(?<![\w.])fetch\(/g, instead: "emit an effect and wait for its input" },
  { name: "globalThis", pattern: /\bglobalThis\b/g, instead: "pass it in" },
];

const bannedInCores: readonly Banned[] = [
  { name: "a promise", pattern: /\b(?:async|await|Promise)\b/g, instead: "a step is synchronous: emit an effect and wait for its input" },
];

const bannedEverywhere: readonly Banned[] = [
  { name: "localeCompare", pattern: /\blocaleCompare\b/g, instead: "compare with <: the order may not depend on the machine's locale" },
];

/** Words that mark unfinished work, put together so that this file does not contain them. */
const leftovers = new RegExp(`\\b(?:${["TO", "FIX", "X"].map((start, index) => start + ["DO", "ME", "XX"][index]).join("|")})\\b`, "g");

/** Names that say nothing about what a file is for. */
const emptyNames = new Set(["utils", "util", "helpers", "helper", "misc", "index", "types", "constants"]);

/** All findings about the file by itself. */
export function textFindings(file: SourceFile): string[] {
  return [...sizeFindings(file), ...headerFindings(file), ...nameFindings(file), ...leftoverFindings(file), ...bannedFindings(file)];
}

function sizeFindings(file: SourceFile): string[] {
  const lines = file.text.trimEnd().split("\n");
  const findings = lines.flatMap((line, index) =>
    line.length <= columnMax ? [] : [`${file.path}:${index + 1}: ${line.length} columns, at most ${columnMax}; break the line`],
  );
  if (lines.length > lineMax)
    findings.push(`${file.path}: ${lines.length} lines, at most ${lineMax}; move one concept into a file of its own`);
  return findings;
}

/** A test file says in its `describe` what it is about. */
function headerFindings(file: SourceFile): string[] {
  if (file.path.endsWith(".test.ts")) return [];
  const firstLine = file.text.split("\n").find((line) => !line.startsWith("#!")) ?? "";
  if (/^\/\/ \S|^\/\*/.test(firstLine)) return [];
  return [`${file.path}:1: no header comment; say in two to five lines what the file is for`];
}

function nameFindings(file: SourceFile): string[] {
  const name = basename(file.path).replace(/(?:\.test|\.d)?\.(?:ts|mjs)$/, "");
  const findings: string[] = [];
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) findings.push(`${file.path}: name it in kebab-case after its main export`);
  if (emptyNames.has(name)) findings.push(`${file.path}: "${name}" says nothing; name it after its main export, one concept per file`);
  const statements = file.code.split(";").map((statement) => statement.trim());
  if (statements.some((statement) => statement !== "") && statements.every((each) => each === "" || /^export\b[^=(]*\bfrom\b/.test(each))) {
    findings.push(`${file.path}: only re-exports; import from where the thing is`);
  }
  return findings;
}

function leftoverFindings(file: SourceFile): string[] {
  return [...file.text.matchAll(leftovers)].map(
    (match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[0]} left behind; do it now, or write it into an issue`,
  );
}

function bannedFindings(file: SourceFile): string[] {
  const isIn = (folders: readonly string[]): boolean => folders.some((folder) => file.path.startsWith(`${folder}/`));
  const banned = [...bannedEverywhere];
  if (isIn(pureFolders)) banned.push(...bannedInPure);
  if (isIn(["server/core", "agent/core"])) banned.push(...bannedInCores);
  const findings = banned.flatMap(({ name, pattern, instead }) =>
    [...file.code.matchAll(pattern)].map((match) => `${file.path}:${lineAt(file.code, match.index)}: ${name} is banned here; ${instead}`),
  );
  const outside = isIn(pureFolders) ? file.imports.filter((each) => each.target === undefined && !isPurePackage(each.specifier)) : [];
  return [...findings, ...outside.map((each) => `${file.path}:${each.line}: imports ${each.specifier}; a pure folder imports no packages`)];
}

/** Generated code needs the protobuf runtime, and patterns of strangers an engine that is pure, too. */
function isPurePackage(specifier: string): boolean {
  return specifier === "@bufbuild/protobuf/wire" || specifier === "re2js";
}
