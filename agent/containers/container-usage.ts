/**
 * What containers use at this moment: from their cgroup what that counts, the rest from the processes of their trees. A cgroup knows
 * the time of processes that have ended, too; without one, those count only whose end a living process of the tree waited for.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import type { ContainerUsage } from "../wire/operator.ts";
import { cgroupMembers } from "./cgroup.ts";
import { readProcessTable } from "./process-table.ts";
import { findTreeMembers, type ProcessTree } from "./process-tree.ts";
import { readProcessUsage } from "./process-usage.ts";

/** Supervisors do not count: they are the agent's. Synchronous, as /proc is memory; the price is a look at every process of the machine. */
export function readContainerUsages(trees: readonly ProcessTree[]): ReadonlyMap<ContainerId, ContainerUsage> {
  const usages = new Map<ContainerId, ContainerUsage>();
  const portable = trees.filter(({ cgroup }) => cgroup === undefined);
  const members = portable.length === 0 ? new Map<ProcessTree, readonly number[]>() : findTreeMembers(readProcessTable(), portable);
  for (const tree of trees) {
    const pids = tree.cgroup === undefined ? (members.get(tree) ?? []) : cgroupMembers(tree.cgroup);
    const used = sumOf(pids);
    usages.set(tree.containerId, tree.cgroup === undefined ? used : { ...used, ...readCgroupUsage(tree.cgroup) });
  }
  return usages;
}

function sumOf(pids: readonly number[]): ContainerUsage {
  const sum = { processes: 0, threads: 0, userSecs: 0, systemSecs: 0, rssBytes: 0, memoryBytes: undefined };
  for (const pid of pids) {
    const usage = readProcessUsage(pid);
    if (usage === undefined) continue;
    sum.processes += 1;
    sum.threads += usage.threads;
    sum.userSecs += usage.userSecs;
    sum.systemSecs += usage.systemSecs;
    sum.rssBytes += usage.rssBytes;
  }
  return sum;
}

/** What the controllers of this cgroup count; cpu time is always among it. */
export function readCgroupUsage(folder: string): Partial<ContainerUsage> {
  const cpu = read(join(folder, "cpu.stat"));
  const [userUsec, systemUsec] = [numberAfter(cpu, "user_usec"), numberAfter(cpu, "system_usec")];
  const memory = read(join(folder, "memory.current")).trim();
  return {
    ...(userUsec === undefined || systemUsec === undefined ? {} : { userSecs: userUsec / 1e6, systemSecs: systemUsec / 1e6 }),
    ...(memory === "" ? {} : { memoryBytes: Number(memory) }),
  };
}

function numberAfter(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Empty when there is no such file: the controller is off, or the container has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
