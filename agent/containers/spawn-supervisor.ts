/** Starts the supervisor of one container: opens its files, makes its cgroup, spawns the shell. Undoes the rest when one of these fails. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";

import type { ContainerSpec } from "../core/effect.ts";
import { createCgroup, removeCgroup } from "./cgroup.ts";
import { noCgroup } from "./container-record.ts";
import { containerMarker } from "./process-tree.ts";
import type { Sandboxes } from "./sandboxes.ts";
import { shellPath, supervisorScript } from "./supervisor-script.ts";
import { linkVolumes } from "./volumes.ts";

/** For tasks of an agent that was itself started without PATH. */
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface SpawnOptions {
  readonly spec: ContainerSpec;
  /** Absolute. */
  readonly workDirectory: string;
  readonly sandboxes: Sandboxes;
  readonly bootId: string;
  /** The cgroup of the agent; undefined where cgroups cannot be used. */
  readonly agentCgroup: string | undefined;
  readonly recordPath: string;
  readonly cancelledPath: string;
}

export type SpawnOutcome =
  | { readonly kind: "spawned"; readonly child: ChildProcess; readonly pid: number; readonly cgroup: string | undefined }
  | { readonly kind: "failed"; readonly reason: string };

export function spawnSupervisor(options: SpawnOptions): SpawnOutcome {
  const { spec, workDirectory, sandboxes, bootId, agentCgroup, recordPath, cancelledPath } = options;
  const files: number[] = [];
  let cgroup: string | undefined;
  try {
    const sandbox = sandboxes.create(spec.containerId, spec.sandbox);
    files.push(sandbox.stdout, sandbox.stderr);
    linkVolumes(workDirectory, sandbox.folder, spec.volumes);
    const record = openSync(recordPath, "ax");
    files.push(record);
    cgroup = agentCgroup === undefined ? undefined : createCgroup(agentCgroup, spec.containerId);
    const child = spawn(
      shellPath,
      ["-c", supervisorScript, "tepui-supervisor", cgroup ?? noCgroup, bootId, cancelledPath, lifeOf(spec), ...commandLine(spec)],
      {
        cwd: sandbox.folder,
        env: environmentOf(spec, sandbox.folder),
        // A session of its own: it gets neither the agent's signals nor those of the agent's terminal.
        detached: true,
        stdio: [
          "ignore",
          "ignore",
          "ignore",
          record,
          sandbox.stdout,
          sandbox.stderr,
          ...(spec.endsWithAgent === true ? ["pipe" as const] : []),
        ],
      },
    );
    if (child.pid !== undefined) {
      holdLifeline(child);
      return { kind: "spawned", child, pid: child.pid, cgroup };
    }
    // Node tells the same reason again as an event; it is known by then.
    child.once("error", () => {});
    return undo(`${shellPath} cannot be started: the system has no process, memory or file to spare`);
  } catch (error) {
    return undo(error instanceof Error ? error.message : String(error));
  } finally {
    for (const file of files) closeSync(file);
  }

  function undo(reason: string): SpawnOutcome {
    rmSync(recordPath, { force: true });
    if (cgroup !== undefined) removeCgroup(cgroup);
    return { kind: "failed", reason };
  }
}

/** See supervisor-script.ts. */
function lifeOf({ endsWithAgent }: ContainerSpec): string {
  return endsWithAgent === true ? "agent" : "-";
}

const lifelineFile = 6;

/** The agent's end of the pipe of a task that ends with it. Nothing is ever written; it must neither keep the agent alive nor end it. */
function holdLifeline(child: ChildProcess): void {
  const lifeline = child.stdio.at(lifelineFile);
  if (!(lifeline instanceof Socket)) return;
  lifeline.on("error", () => {});
  lifeline.resume();
  lifeline.unref();
  // A supervisor that was killed leaves its second shell to end the rest.
  child.once("exit", () => dropLifeline(child));
}

/** Lets go of a task that ends with the agent. */
export function dropLifeline(child: ChildProcess): void {
  child.stdio.at(lifelineFile)?.destroy();
}

function commandLine({ command }: ContainerSpec): readonly string[] {
  return command.shell ? [shellPath, "-c", command.value] : [command.value, ...command.arguments.slice(1)];
}

/** Little is inherited from the agent, so that a task sees the same wherever its agent was started from. */
function environmentOf({ command, environment, containerId }: ContainerSpec, sandbox: string): Record<string, string> {
  return Object.fromEntries([
    ["PATH", process.env["PATH"] ?? fallbackPath],
    ["HOME", sandbox],
    ...command.environment,
    ["MESOS_SANDBOX", sandbox],
    ["MESOS_DIRECTORY", sandbox],
    ...environment,
    // Last, because processes are found by it.
    [containerMarker, containerId],
  ]);
}
