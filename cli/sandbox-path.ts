/** Where a task's sandbox is, in the paths that its agent shows. */

import type { ContainerID } from "../protos/gen/mesos/v1/mesos.ts";

export interface SandboxOwner {
  readonly frameworkId: string;
  readonly taskId: string;
  /** Undefined for a command task, which counts as an executor of its own name. */
  readonly executorId: string | undefined;
  /** Undefined where nobody told it: then it is that of the executor's last run. */
  readonly containerId: ContainerID | undefined;
}

export function sandboxPath({ frameworkId, taskId, executorId, containerId }: SandboxOwner): string {
  const run = containerId === undefined ? "latest" : runPath(containerId);
  return `/frameworks/${frameworkId}/executors/${executorId || taskId}/runs/${run}`;
}

/** A container in another one has its sandbox there. */
function runPath({ value, parent }: ContainerID): string {
  return parent === undefined ? value : `${runPath(parent)}/containers/${value}`;
}
