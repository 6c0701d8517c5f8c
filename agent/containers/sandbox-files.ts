/**
 * Which paths lead into sandboxes, as in the reference: the folder itself, however the work directory is called, and
 * `/frameworks/F/executors/E/runs/latest` without work directory and agent. Nothing else of the machine has a name here.
 */

import { readlink } from "node:fs/promises";
import { join } from "node:path";

import { type AgentId, ExecutorId, FrameworkId } from "../../common/ids.ts";
import type { ExposedPath, Locate } from "../../runtime/exposed-files.ts";
import { containerIdPattern } from "./container-record.ts";
import { latestName, runsFolder } from "./sandbox-layout.ts";

export interface SandboxFilesOptions {
  /** Absolute and without links. */
  readonly workDirectory: string;
  /** As the flag has it, which tools know it by; absolute. */
  readonly givenDirectory: string;
  /** Undefined as long as there is none: then there is nothing to show but by full paths. */
  readonly agentId: () => AgentId | undefined;
}

/** Parts of a path below an agent: frameworks F executors E runs R, and then within the run. */
const runDepth = 6;

export function locateSandboxes({ workDirectory, givenDirectory, agentId }: SandboxFilesOptions): Locate {
  const tops = [workDirectory, givenDirectory].map((directory) => toNames(directory));
  return async (names) => {
    const ofAgent = agentId();
    if (names[0] === "frameworks")
      return ofAgent === undefined ? undefined : findRun(names, (key) => runsFolder(workDirectory, { ...key, agentId: ofAgent }));
    const top = tops.find((parts) => parts.every((part, index) => names[index] === part) && names[parts.length] === "slaves");
    const agent = top && names[top.length + 1];
    if (top === undefined || agent === undefined) return undefined;
    const below = names.slice(top.length + 2);
    // Names of folders, which may be shorter than the ids that they stand for.
    return findRun(below, () => join(workDirectory, "slaves", agent, ...below.slice(0, runDepth - 1)));
  };
}

type RunsFolder = (key: { readonly frameworkId: FrameworkId; readonly executorId: ExecutorId }) => string;

async function findRun(names: readonly string[], runsFolderOf: RunsFolder): Promise<ExposedPath | undefined> {
  const [frameworks, frameworkId, executors, executorId, runs, run, ...within] = names;
  if (frameworks !== "frameworks" || executors !== "executors" || runs !== "runs") return undefined;
  if (frameworkId === undefined || executorId === undefined || run === undefined) return undefined;
  const folder = runsFolderOf({ frameworkId: FrameworkId(frameworkId), executorId: ExecutorId(executorId) });
  // A task may have put anything there: a name of this folder, or nothing.
  const name = run === latestName ? await readlink(join(folder, latestName)) : run;
  return containerIdPattern.test(name) ? { root: join(folder, name), within } : undefined;
}

function toNames(directory: string): readonly string[] {
  return directory.split("/").filter((name) => name !== "");
}
