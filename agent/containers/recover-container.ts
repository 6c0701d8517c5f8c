/** What a recovering agent finds of one container: its record, and whether its supervisor still runs. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import { type ContainerRecord, readContainerRecord } from "./container-record.ts";
import { isProcessAlive } from "./process-table.ts";
import type { ProcessTree } from "./process-tree.ts";

export interface Remains {
  readonly recordsFolder: string;
  readonly cancelledFolder: string;
  readonly bootId: string;
  /** The cgroup of the agent; undefined where cgroups cannot be used. */
  readonly agentCgroup: string | undefined;
}

export interface FoundContainer {
  readonly tree: ProcessTree;
  readonly record: ContainerRecord;
  /** The supervisor lives and has recorded no end. */
  readonly start: NonNullable<ContainerRecord["start"]> | undefined;
}

/** From here on nothing of the container is started that was not started before. */
export function findContainer(containerId: ContainerId, { recordsFolder, cancelledFolder, bootId, agentCgroup }: Remains): FoundContainer {
  const path = join(recordsFolder, containerId);
  let record = readContainerRecord(path);
  if (record.start === undefined) {
    // The supervisor may be about to write. From here on it starts nothing, unless it has written already.
    writeFileSync(join(cancelledFolder, containerId), "");
    record = readContainerRecord(path);
  }
  const { start } = record;
  const isSameBoot = start !== undefined && start.bootId === bootId;
  const isAlive = isSameBoot && isProcessAlive(start.supervisorPid, start.startTicks);
  // Once more: it may have recorded the end just before it died.
  if (!isAlive) record = readContainerRecord(path);
  const tree: ProcessTree = {
    containerId,
    // One that has recorded the end may have a later container by now.
    supervisorPid: isSameBoot && record.exit === undefined ? start.supervisorPid : undefined,
    isOurChild: false,
    startTicks: isSameBoot ? start.startTicks : 0,
    cgroup: isSameBoot ? start.cgroup : agentCgroup === undefined ? undefined : join(agentCgroup, containerId),
  };
  return { tree, record, start: isAlive && record.exit === undefined ? start : undefined };
}
