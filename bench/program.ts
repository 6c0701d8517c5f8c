/** The command line of the benchmarks: a command for each workload, which runs it and prints its table. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { parseCount } from "../runtime/command-line.ts";
import type { Workload } from "./measurement.ts";
import { formatFigures, formatJson } from "./report.ts";
import { workloads } from "./workloads/catalog.ts";

export function createProgram(): Command {
  const program = new Command("bench").description("Measures tepui beside what a bare program needs for the same.").showHelpAfterError();
  for (const workload of workloads) addCommand(program, workload);
  return program;
}

function addCommand(program: Command, workload: Workload): void {
  const command = program
    .command(workload.name)
    .description(workload.summary)
    .option("--json <file>", "write the line of JSON to this file, too")
    .option("--profile <folder>", "let the nodes leave CPU profiles here");
  for (const [name, usual] of Object.entries(workload.sizes)) {
    command.option(`--${toFlag(name)} <number>`, "size of the workload", parseCount, usual);
  }
  command.action(async (options: Record<string, number> & { json?: string; profile?: string }) => {
    const sizes = Object.fromEntries(Object.keys(workload.sizes).map((name) => [name, Number(options[name])]));
    await run(workload, sizes, { json: options.json, profile: options.profile });
  });
}

/** Exit code 1 when the workload did not do what it measures. */
async function run(
  workload: Workload,
  sizes: Readonly<Record<string, number>>,
  { json, profile }: { readonly json: string | undefined; readonly profile: string | undefined },
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `tepui-bench-${workload.name}-`));
  const profileFolder = profile === undefined ? undefined : resolve(profile);
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  try {
    const measurement = await workload.run(sizes, { folder, profileFolder, progress: (line) => console.error(line) });
    const line = formatJson({ workload: workload.name, sizes, measurement });
    console.log(formatFigures(measurement));
    for (const problem of measurement.problems) console.log(`problem: ${problem}`);
    console.log(line);
    if (json !== undefined) writeFileSync(json, `${line}\n`);
    process.exitCode = measurement.problems.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** "steadySeconds" is "steady-seconds" on the command line. */
function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
