/** Environments: what a task sees, and the same as a file that a shell reads. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CommandDescription } from "../core/command-description.ts";
import type { ContainerSpec } from "../core/effect.ts";
import { containerMarker } from "./process-tree.ts";
import { environmentFile, type RunAs } from "./run-as.ts";
import { exportLines } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";

/** For tasks of an agent that was itself started without PATH. */
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Later ones win. */
type Variables = readonly (readonly [name: string, value: string])[];

/** Little is inherited from the agent, so that a task sees the same wherever its agent was started from. */
export function environmentOf(
  { command, environment, containerId }: Pick<ContainerSpec, "command" | "environment" | "containerId">,
  sandbox: string,
): Variables {
  return [
    ["PATH", process.env["PATH"] ?? fallbackPath],
    ["HOME", sandbox],
    ...command.environment,
    ["MESOS_SANDBOX", sandbox],
    ["MESOS_DIRECTORY", sandbox],
    ...environment,
    // Last, because processes are found by it.
    [containerMarker, containerId],
  ];
}

/** What the supervisor and the program that switches users see: nothing that a task could choose. */
export function plainEnvironment(containerId: string): Variables {
  return [
    ["PATH", process.env["PATH"] ?? fallbackPath],
    [containerMarker, containerId],
  ];
}

/** Writes the variables for the user's shell alone to read. Throws what the file system throws. */
export function writeEnvironmentFile(sandbox: string, environment: Variables): void {
  writeFileSync(join(sandbox, environmentFile), `${exportLines(environment).join("\n")}\n`, { flag: "wx", mode: 0o400 });
}

/** The sandbox is the working directory. Its files are opened as the user: by then others of that user's may have changed them. */
const readThenRun = `exec >>stdout 2>>stderr; . "./${environmentFile}"; rm -f "./${environmentFile}"; exec "$@"`;

/** The command line of a command that runs as the agent's user. */
export function plainCommandLine(command: CommandDescription): readonly string[] {
  return command.shell ? [shellPath, "-c", command.value] : [command.value, ...command.arguments.slice(1)];
}

/** The same without a file: the variables come over the standard input, as `exportLines` writes them. */
const readInputThenRun = 'eval "$(cat)"; exec "$@" </dev/null';

/** The command line that runs `command` as somebody else, with its variables to be written to its standard input. */
export function commandAsWithInput({ prefix }: RunAs, command: readonly string[]): readonly string[] {
  return [...prefix, shellPath, "-c", readInputThenRun, "sh", ...command];
}

/** The command line that runs `command` as somebody else. */
export function commandAs({ prefix }: RunAs, command: readonly string[]): readonly string[] {
  return [...prefix, shellPath, "-c", readThenRun, "sh", ...command];
}
