// Runs test files in one process and reports to the parent, scripts/test.ts, which starts one such process per group: a group that
// hangs, crashes or leaves something open cannot take the others with it.
// Arguments: the timeout of a test in milliseconds, a pattern of test names (may be empty), then the files.
import Mocha from "mocha";

export interface FileResult {
  readonly path: string;
  passedCount: number;
  failedCount: number;
  skippedCount: number;
  durationMs: number;
}

/** Mocha wants a reporter to be a class; what it does is in `collect`. */
class Collector extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    collect(runner);
  }
}

const [timeoutMs, pattern, ...files] = process.argv.slice(2);
const options: Mocha.MochaOptions = { timeout: Number(timeoutMs), forbidOnly: true };
const mocha = new Mocha(pattern === undefined || pattern === "" ? options : { ...options, grep: pattern });
mocha.reporter(Collector);
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
mocha.run();

/** Counts per file, prints a line per file and, at the end, what failed. */
function collect(runner: Mocha.Runner): void {
  const results = new Map<string, FileResult>(files.map((path) => [path, emptyResult(path)]));
  const failures: Mocha.Test[] = [];
  runner.on("pass", (test) => {
    resultOf(results, test).passedCount += 1;
  });
  runner.on("pending", (test) => {
    resultOf(results, test).skippedCount += 1;
  });
  runner.on("fail", (test, error) => {
    test.err = error;
    failures.push(test);
    resultOf(results, test).failedCount += 1;
  });
  runner.on("test end", (test) => {
    resultOf(results, test).durationMs += test.duration ?? 0;
  });
  runner.on("end", () => {
    for (const result of results.values()) console.log(describeResult(result));
    Mocha.reporters.Base.list(failures);
    // Tests may leave servers behind that keep the loop alive; what they report is complete here.
    process.send?.([...results.values()], () => process.exit(failures.length === 0 ? 0 : 1));
  });
}

function resultOf(results: Map<string, FileResult>, test: Mocha.Runnable): FileResult {
  const absolute = test.file ?? "a hook outside of any file";
  const path = files.find((file) => absolute.endsWith(`/${file}`)) ?? absolute;
  const known = results.get(path);
  if (known !== undefined) return known;
  const created = emptyResult(path);
  results.set(path, created);
  return created;
}

function emptyResult(path: string): FileResult {
  return { path, passedCount: 0, failedCount: 0, skippedCount: 0, durationMs: 0 };
}

function describeResult(result: FileResult): string {
  const mark = result.failedCount > 0 ? "✘" : "✔";
  const failed = result.failedCount > 0 ? `, ${result.failedCount} failed` : "";
  const skipped = result.skippedCount > 0 ? `, ${result.skippedCount} skipped` : "";
  return `  ${mark} ${result.path}: ${result.passedCount} passed${failed}${skipped}, ${result.durationMs} ms`;
}
