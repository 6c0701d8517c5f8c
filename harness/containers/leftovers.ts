/**
 * Everything that a harness makes in Docker carries its pid as a label. What carries the pid of a harness that does not
 * run any more was left by one that was killed, and the next one removes it.
 */

import type Docker from "dockerode";

/** Of containers and networks; its value is the pid of the harness that made them. */
export const harnessLabel = "tepui.harness.pid";

/** The labels of what this process makes. */
export function ownerLabels(): Record<string, string> {
  return { [harnessLabel]: String(process.pid) };
}

/** Removes the containers and networks of harnesses that do not run any more. */
export async function removeLeftovers(docker: Docker): Promise<void> {
  const filters = JSON.stringify({ label: [harnessLabel] });
  for (const { Id, Labels } of await docker.listContainers({ all: true, filters })) {
    if (isLeftover(Labels)) await removeContainer(docker, Id);
  }
  // A network can go only when its containers have gone.
  for (const { Id, Labels } of await docker.listNetworks({ filters })) {
    if (isLeftover(Labels)) await ignoreMissing(docker.getNetwork(Id).remove());
  }
}

/** Ends the container, whatever its state, with its volumes. One that is gone already is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await ignoreMissing(docker.getContainer(id).remove({ force: true, v: true }));
}

function isLeftover(labels: Readonly<Record<string, string>> | undefined): boolean {
  const pid = Number(labels?.[harnessLabel]);
  return Number.isInteger(pid) && pid > 0 && !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Another harness may have removed it at the same moment. */
async function ignoreMissing(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
  }
}
