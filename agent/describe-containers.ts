/** Brings together what the core knows of containers, and what they use. */

import type { ContainerId } from "../common/ids.ts";
import type { ProcessTree } from "./containers/process-tree.ts";
import type { UsageWatch } from "./containers/usage-watch.ts";
import type { ContainerSummary } from "./core/container-summary.ts";
import type { ContainerReport, ContainerUsage } from "./wire/operator.ts";

export interface ContainerSources {
  readonly summaries: readonly ContainerSummary[];
  readonly trees: readonly Pick<ProcessTree, "containerId" | "supervisorPid">[];
  readonly usage: Pick<UsageWatch, "read" | "diskBytesOf">;
}

/** A container uses what its nested ones use, as well as its own. */
export function describeContainers({ summaries, trees, usage }: ContainerSources): readonly ContainerReport[] {
  const { atWallMs, containers } = usage.read();
  const totals = new Map<ContainerId, ContainerUsage>();
  for (const { containerId, parentId } of summaries) {
    const used = containers.get(containerId);
    if (used === undefined) continue;
    for (const id of parentId === undefined ? [containerId] : [containerId, parentId]) totals.set(id, addUsage(totals.get(id), used));
  }
  const supervisorPids = new Map(trees.map(({ containerId, supervisorPid }) => [containerId, supervisorPid]));
  return summaries.map((summary) => {
    const total = totals.get(summary.containerId);
    if (total === undefined) return { summary, statistics: undefined };
    const diskBytes = usage.diskBytesOf(summary.containerId);
    return { summary, statistics: { ...total, atWallMs, supervisorPid: supervisorPids.get(summary.containerId), diskBytes } };
  });
}

function addUsage(left: ContainerUsage | undefined, right: ContainerUsage): ContainerUsage {
  if (left === undefined) return right;
  const isCounted = left.memoryBytes !== undefined && right.memoryBytes !== undefined;
  return {
    processes: left.processes + right.processes,
    threads: left.threads + right.threads,
    userSecs: left.userSecs + right.userSecs,
    systemSecs: left.systemSecs + right.systemSecs,
    rssBytes: left.rssBytes + right.rssBytes,
    memoryBytes: isCounted ? left.memoryBytes + right.memoryBytes : undefined,
  };
}
