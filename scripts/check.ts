// `npm run check`: everything that can be said about the code without running the project, two steps at a time. It prints one line per
// step, and the output of a step only when it failed. With `--static` the two test files that belong to a check are left out; `npm test`
// runs them anyway.
import { spawn } from "node:child_process";

interface Step {
  readonly name: string;
  readonly command: string;
}

const staticSteps: readonly Step[] = [
  { name: "types", command: "tsc -p tsconfig.json" },
  { name: "types of the pure folders", command: "tsc -p tsconfig.pure.json" },
  { name: "format and lint", command: "biome check --error-on-warnings ." },
  { name: "protos", command: "npm run --silent lint:protos" },
];
const testSteps: readonly Step[] = [
  { name: "tidy", command: "mocha test/tidy.test.ts 'test/tidy/**/*.test.ts'" },
  { name: "wire compatibility", command: "mocha 'test/protos/**/*.test.ts'" },
];

/** Steps at a time; each is a process that keeps about one core busy. */
const parallelMax = 2;

const waiting = process.argv.includes("--static") ? [...staticSteps] : [...staticSteps, ...testSteps];
const failures = (await Promise.all(Array.from({ length: parallelMax }, work))).flat();
process.exitCode = failures.length === 0 ? 0 : 1;

/** Takes steps until none is left; returns the names of those that failed. */
async function work(): Promise<string[]> {
  const failed: string[] = [];
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    if (!(await run(step))) failed.push(step.name);
  }
  return failed;
}

function run(step: Step): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const startedAtMs = Date.now();
    const child = spawn("sh", ["-c", step.command], { stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const durationS = ((Date.now() - startedAtMs) / 1000).toFixed(1);
      console.log(code === 0 ? `  ✔ ${step.name}, ${durationS} s` : `  ✘ ${step.name}: ${step.command}\n${Buffer.concat(output)}`);
      resolve(code === 0);
    });
  });
}
