/** Starts one container: makes its files and its cgroup and hands it to a supervisor. Undoes the rest when one of these fails. */

import { closeSync, fchownSync, lchownSync, rmSync, writeFileSync } from "node:fs";

import type { ContainerExit } from "../core/input.ts";
import { createCgroup, removeCgroup } from "./cgroup.ts";
import { createdLine } from "./container-record.ts";
import { linkContainerVolumes } from "./container-volumes.ts";
import type { Isolation } from "./isolation.ts";
import type { PreparedLaunch } from "./launch-preparations.ts";
import type { Sandbox, Sandboxes } from "./sandboxes.ts";
import type { Supervisor, TaskHandling } from "./supervisor.ts";
import type { SupervisorPool } from "./supervisor-pool.ts";
import { writeTaskRequest } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";
import type { SystemUser } from "./system-users.ts";
import { commandAs, environmentOf, plainCommandLine, plainEnvironment } from "./task-environment.ts";
import { linkVolumes } from "./volumes.ts";

export interface SpawnOptions {
  readonly launch: PreparedLaunch;
  /** Absolute. */
  readonly workDirectory: string;
  readonly sandboxes: Sandboxes;
  readonly supervisors: SupervisorPool;
  readonly isolation: Isolation;
  /** The cgroup of the agent; undefined where cgroups cannot be used. */
  readonly agentCgroup: string | undefined;
  readonly recordPath: string;
  readonly cancelledPath: string;
  /** Called once, in a later turn, with how the task ended. */
  readonly onEnd: (exit: ContainerExit) => void;
}

export interface Spawned {
  readonly kind: "spawned";
  readonly supervisor: Supervisor;
  readonly cgroup: string | undefined;
}

export type SpawnOutcome = Spawned | { readonly kind: "failed"; readonly reason: string };

export function spawnSupervisor(options: SpawnOptions): SpawnOutcome {
  const { launch, workDirectory, sandboxes, supervisors, isolation, agentCgroup, recordPath, cancelledPath, onEnd } = options;
  const { spec, runAs } = launch;
  let cgroup: string | undefined;
  try {
    const sandbox = sandboxes.create(spec.containerId, spec.sandbox);
    if (runAs !== undefined) giveSandbox(sandbox, runAs.user);
    // They are there now, and are opened again where the task starts.
    closeSync(sandbox.stdout);
    closeSync(sandbox.stderr);
    if (runAs === undefined) {
      linkVolumes(workDirectory, sandbox.folder, spec.volumes);
      linkContainerVolumes(sandbox.folder, spec.setup?.volumes ?? [], undefined);
    }
    cgroup = agentCgroup === undefined ? undefined : createCgroup(agentCgroup, spec.containerId);
    const groups = isolation.prepare(spec.containerId, spec.limits);
    const request = writeTaskRequest({
      recordPath,
      cancelledPath,
      sandbox: sandbox.folder,
      cgroup,
      groups,
      environment: runAs === undefined ? environmentOf(spec, sandbox.folder) : plainEnvironment(spec.containerId),
      commandLine: commandLine(launch),
      opensOutput: runAs !== undefined,
      endsWithAgent: spec.endsWithAgent === true,
    });
    const endsWithAgent = spec.endsWithAgent === true;
    const supervisor = giveToSupervisor(request, { supervisors, recordPath, firstLine: createdLine, endsWithAgent, onEnd });
    return { kind: "spawned", supervisor, cgroup };
  } catch (error) {
    return undo(error instanceof Error ? error.message : String(error));
  }

  function undo(reason: string): SpawnOutcome {
    rmSync(recordPath, { force: true });
    isolation.forget(spec.containerId);
    if (cgroup !== undefined) removeCgroup(cgroup);
    return { kind: "failed", reason };
  }
}

/** Makes the record, too. Throws what the file system throws, and when the system has nothing to spare. */
export function giveToSupervisor(
  request: string,
  {
    supervisors,
    recordPath,
    firstLine,
    ...handling
  }: TaskHandling & Pick<SpawnOptions, "supervisors" | "recordPath"> & { readonly firstLine: string },
): Supervisor {
  writeFileSync(recordPath, firstLine, { flag: "ax" });
  const supervisor = supervisors.take();
  if (supervisor === undefined) throw new Error(`${shellPath} cannot be started: the system has no process, memory or file to spare`);
  supervisor.run(request, handling);
  return supervisor;
}

function commandLine({ spec: { command }, runAs, prefix }: PreparedLaunch): readonly string[] {
  const own = plainCommandLine(command);
  return [...prefix, ...(runAs === undefined ? own : commandAs(runAs, own))];
}

/** The folder last: once it is the user's, what is in it may be anything. */
function giveSandbox({ folder, stdout, stderr }: Sandbox, { uid, gid }: SystemUser): void {
  fchownSync(stdout, uid, gid);
  fchownSync(stderr, uid, gid);
  lchownSync(folder, uid, gid);
}
