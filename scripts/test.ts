// `npm test [-- GROUP|FILE|FOLDER ...] [--grep PATTERN]`: the static checks, then each group of tests in a process of its own.
// Without arguments it runs everything. The last line is always `N passed, N failed, N skipped`; a static check counts as one test.
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import type { FileResult } from "./run-test-group.ts";
import { groupOf, type TestGroup, testFiles, testGroups } from "./test-groups.ts";

/** How many of the slowest files the summary names. */
const slowestCount = 5;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: "string", default: "" } } });
const groupNames = new Set(["check", ...testGroups.map((group) => group.name)]);
const chosenGroups = positionals.filter((name) => groupNames.has(name));
const paths = positionals.filter((name) => !groupNames.has(name));
const everything = positionals.length === 0 && values.grep === "";

const chosen = testGroups.map((group) => ({ group, files: filesOf(group) })).filter(({ files }) => files.length > 0);
if (chosen.some(({ group }) => group.needsMachine)) await prepareMachine();

const results: FileResult[] = [];
if (everything || chosenGroups.includes("check")) results.push(await runChecks());
for (const { group, files } of chosen) results.push(...(await runGroup(group, files)));
summarize();

function filesOf(group: TestGroup): string[] {
  const inGroup = (file: string): boolean => groupOf(file) === group.name;
  if (positionals.length === 0 || chosenGroups.includes(group.name)) return testFiles().filter(inGroup);
  return paths.length === 0 ? [] : testFiles(paths).filter(inGroup);
}

/** Where it fails, CI=true is set and a part of the machine is missing: then nothing of the run would count. */
async function prepareMachine(): Promise<void> {
  const { code } = await runProgram("scripts/setup-tests.mjs", []);
  if (code !== 0) process.exit(1);
}

async function runChecks(): Promise<FileResult> {
  console.log("check");
  const startedAtMs = Date.now();
  const { code } = await runProgram("scripts/check.ts", ["--static"]);
  const durationMs = Date.now() - startedAtMs;
  return { path: "check", passedCount: code === 0 ? 1 : 0, failedCount: code === 0 ? 0 : 1, skippedCount: 0, durationMs };
}

async function runGroup(group: TestGroup, files: readonly string[]): Promise<FileResult[]> {
  console.log(group.name);
  const { code, message } = await runProgram("scripts/run-test-group.ts", [String(group.timeoutMs), values.grep, ...files]);
  if (message !== undefined) return message;
  console.log(`  ✘ the ${group.name} group ended without a result: exit code ${code}`);
  return [{ path: group.name, passedCount: 0, failedCount: 1, skippedCount: 0, durationMs: 0 }];
}

/** Runs a program on this Node; `message` is what it sent to its parent. */
function runProgram(
  program: string,
  programArguments: readonly string[],
): Promise<{ code: number | null; message: FileResult[] | undefined }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...programArguments], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let message: FileResult[] | undefined;
    child.on("message", (sent: FileResult[]) => {
      message = sent;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, message }));
  });
}

function summarize(): void {
  const count = (pick: (result: FileResult) => number): number => results.reduce((sum, result) => sum + pick(result), 0);
  const slowest = [...results].sort((left, right) => right.durationMs - left.durationMs).slice(0, slowestCount);
  console.log("\nslowest");
  for (const result of slowest) console.log(`  ${(result.durationMs / 1000).toFixed(2)} s  ${result.path}`);
  for (const result of results.filter((each) => each.failedCount > 0)) console.log(`failed: ${result.path}`);
  const failedCount = count((result) => result.failedCount);
  const ranCount = failedCount + count((result) => result.passedCount);
  if (ranCount === 0) console.log(`nothing ran: ${positionals.join(" ")} ${values.grep} chooses no test`);
  console.log(
    `\n${count((result) => result.passedCount)} passed, ${failedCount} failed, ${count((result) => result.skippedCount)} skipped`,
  );
  process.exitCode = failedCount > 0 || ranCount === 0 ? 1 : 0;
}
