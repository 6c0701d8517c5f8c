/**
 * Starts what an operator runs within a container: a command beneath that one's control group, as its user, with its environment, in a
 * sandbox of its own. A supervisor witnesses its end as it does for tasks, so it outlives the agent.
 */

import { closeSync, fchownSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import type { CommandDescription } from "../core/command-description.ts";
import type { Place } from "./beside-commands.ts";
import { createCgroup, removeCgroup } from "./cgroup.ts";
import { nestedCreatedLine } from "./container-record.ts";
import { environmentFile, type RunAs } from "./run-as.ts";
import { giveToSupervisor, type SpawnOptions, type SpawnOutcome } from "./spawn-supervisor.ts";
import { exportLines, writeTaskRequest } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";
import { environmentOf, plainCommandLine, plainEnvironment } from "./task-environment.ts";

/** What is run within a container that runs. */
export interface WithinSpec {
  /** Of the container around it. */
  readonly parentId: ContainerId;
  /** Within that. */
  readonly name: string;
  readonly place: Place;
  /** Undefined for the agent's own user. */
  readonly runAs: RunAs | undefined;
  /** With the variables of the container around it. */
  readonly command: CommandDescription;
  /** What the agent adds to them. */
  readonly environment: readonly (readonly [name: string, value: string])[];
}

export interface NestedSpec extends WithinSpec {
  readonly containerId: ContainerId;
  /** As the container around it. */
  readonly endsWithAgent: boolean;
}

/** $1 the name. The folder is made by the user whose sandbox it is in, who could have put a link there. */
const ownSandboxThenRun = `mkdir -p containers && mkdir "containers/$1" && cd "containers/$1" || exit 125
unset OLDPWD
shift
exec "$@" >>stdout 2>>stderr </dev/null`;

/** $1 the file with the variables: a user's own do not reach what runs before the switch. */
const readThenRun = `. "./$1"; rm -f "./$1"; shift; exec "$@"`;

export type NestedSpawnOptions = Pick<SpawnOptions, "supervisors" | "recordPath" | "cancelledPath" | "onEnd">;

export function spawnNested(spec: NestedSpec, { cancelledPath, ...options }: NestedSpawnOptions): SpawnOutcome {
  const { place, name, runAs, parentId, endsWithAgent } = spec;
  let cgroup: string | undefined;
  try {
    cgroup = place.cgroup === undefined ? undefined : createCgroup(place.cgroup, `nested-${name}`);
    const environment = environmentOf({ ...spec, containerId: parentId }, join(place.folder, "containers", name));
    const own = [shellPath, "-c", ownSandboxThenRun, "sh", name, ...plainCommandLine(spec.command)];
    const request = writeTaskRequest({
      recordPath: options.recordPath,
      cancelledPath,
      sandbox: place.folder,
      cgroup,
      groups: place.groups,
      environment: runAs === undefined ? environment : plainEnvironment(parentId),
      commandLine: runAs === undefined ? own : [...runAs.prefix, shellPath, "-c", readThenRun, "sh", environmentName(name), ...own],
      opensOutput: true,
      endsWithAgent,
    });
    if (runAs !== undefined) giveEnvironment(spec, runAs, environment);
    const supervisor = giveToSupervisor(request, { ...options, firstLine: nestedCreatedLine, endsWithAgent });
    return { kind: "spawned", supervisor, cgroup };
  } catch (error) {
    rmSync(options.recordPath, { force: true });
    if (cgroup !== undefined) removeCgroup(cgroup);
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function environmentName(name: string): string {
  return `${environmentFile}-${name}`;
}

/** The sandbox is the user's: a name that is taken there, by a link, too, is not opened. */
function giveEnvironment({ place, name }: NestedSpec, { user }: RunAs, environment: NestedSpec["environment"]): void {
  const file = openSync(join(place.folder, environmentName(name)), "wx", 0o400);
  try {
    writeFileSync(file, `${exportLines(environment).join("\n")}\n`);
    fchownSync(file, user.uid, user.gid);
  } finally {
    closeSync(file);
  }
}
