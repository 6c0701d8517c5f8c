/** Starts one container: makes its files and its cgroup and hands it to a supervisor. Undoes the rest when one of these fails. */

import { closeSync, rmSync, writeFileSync } from "node:fs";

import type { ContainerSpec } from "../core/effect.ts";
import type { ContainerExit } from "../core/input.ts";
import { createCgroup, removeCgroup } from "./cgroup.ts";
import { createdLine } from "./container-record.ts";
import { containerMarker } from "./process-tree.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { Supervisor } from "./supervisor.ts";
import type { SupervisorPool } from "./supervisor-pool.ts";
import { writeTaskRequest } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";
import { linkVolumes } from "./volumes.ts";

/** For tasks of an agent that was itself started without PATH. */
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface SpawnOptions {
  readonly spec: ContainerSpec;
  /** Absolute. */
  readonly workDirectory: string;
  readonly sandboxes: Sandboxes;
  readonly supervisors: SupervisorPool;
  /** The cgroup of the agent; undefined where cgroups cannot be used. */
  readonly agentCgroup: string | undefined;
  readonly recordPath: string;
  readonly cancelledPath: string;
  /** Called once, in a later turn, with how the task ended. */
  readonly onEnd: (exit: ContainerExit) => void;
}

export type SpawnOutcome =
  | { readonly kind: "spawned"; readonly supervisor: Supervisor; readonly cgroup: string | undefined }
  | { readonly kind: "failed"; readonly reason: string };

export function spawnSupervisor(options: SpawnOptions): SpawnOutcome {
  const { spec, workDirectory, sandboxes, supervisors, agentCgroup, recordPath, cancelledPath, onEnd } = options;
  let cgroup: string | undefined;
  try {
    const sandbox = sandboxes.create(spec.containerId, spec.sandbox);
    // They are there now, and the supervisor opens them again.
    closeSync(sandbox.stdout);
    closeSync(sandbox.stderr);
    linkVolumes(workDirectory, sandbox.folder, spec.volumes);
    cgroup = agentCgroup === undefined ? undefined : createCgroup(agentCgroup, spec.containerId);
    const request = writeTaskRequest({
      recordPath,
      cancelledPath,
      sandbox: sandbox.folder,
      cgroup,
      environment: environmentOf(spec, sandbox.folder),
      commandLine: commandLine(spec),
      endsWithAgent: spec.endsWithAgent === true,
    });
    writeFileSync(recordPath, createdLine, { flag: "ax" });
    const supervisor = supervisors.take();
    if (supervisor === undefined) return undo(`${shellPath} cannot be started: the system has no process, memory or file to spare`);
    supervisor.run(request, { endsWithAgent: spec.endsWithAgent === true, onEnd });
    return { kind: "spawned", supervisor, cgroup };
  } catch (error) {
    return undo(error instanceof Error ? error.message : String(error));
  }

  function undo(reason: string): SpawnOutcome {
    rmSync(recordPath, { force: true });
    if (cgroup !== undefined) removeCgroup(cgroup);
    return { kind: "failed", reason };
  }
}

function commandLine({ command }: ContainerSpec): readonly string[] {
  return command.shell ? [shellPath, "-c", command.value] : [command.value, ...command.arguments.slice(1)];
}

/** Little is inherited from the agent, so that a task sees the same wherever its agent was started from. */
function environmentOf({ command, environment, containerId }: ContainerSpec, sandbox: string): readonly (readonly [string, string])[] {
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
