/**
 * Which processes belong to which container, found in /proc: the portable way, for machines where the agent may not make
 * cgroups. A process belongs to a container when it is in the supervisor's session or process group, when it has the
 * container's marker in its environment, or when its parent or its session belongs to it.
 *
 * What escapes this (and no cgroup): a process that cleaned its environment, started a session of its own and outlived all of
 * its ancestors before anybody looked.
 */

import type { ContainerId } from "../../common/ids.ts";
import { type ProcessEntry, type ProcessTable, readEnvironmentVariable } from "./process-table.ts";

/** The variable that every process of a task inherits; its value is the container's id. */
export const containerMarker = "TEPUI_CONTAINER_ID";

export interface ProcessTree {
  readonly containerId: ContainerId;
  /** Undefined when the supervisor did not come to record itself. */
  readonly supervisorPid: number | undefined;
  /** True when the supervisor was started by this very process: its pid cannot be used again while we have not seen its end. */
  readonly isOurChild: boolean;
  /** When the supervisor started, or a moment before that. Nothing older belongs to the tree. */
  readonly startTicks: number;
  readonly cgroup: string | undefined;
}

/** Live processes of each tree, without its supervisor. Trees without any are left out. */
export function findTreeMembers(table: ProcessTable, trees: readonly ProcessTree[]): ReadonlyMap<ProcessTree, readonly number[]> {
  const owners = new Map<number, ProcessTree>();
  claimSessions(table, trees, owners);
  claimDescendants(table, owners);
  claimMarked(table, trees, owners);
  claimDescendants(table, owners);
  const supervisors = new Set(trees.map((tree) => tree.supervisorPid));
  const members = new Map<ProcessTree, number[]>();
  for (const [pid, tree] of owners) {
    if (supervisors.has(pid) || table.get(pid)?.isDead !== false) continue;
    const found = members.get(tree);
    if (found === undefined) members.set(tree, [pid]);
    else found.push(pid);
  }
  return members;
}

/** Whether the pid still is the supervisor's: pids are used again. */
function holdsItsPid(table: ProcessTable, tree: ProcessTree): boolean {
  return tree.isOurChild || (tree.supervisorPid !== undefined && table.get(tree.supervisorPid)?.startTicks === tree.startTicks);
}

function claimSessions(table: ProcessTable, trees: readonly ProcessTree[], owners: Map<number, ProcessTree>): void {
  const bySession = new Map<number, ProcessTree>();
  for (const tree of trees) {
    if (tree.supervisorPid !== undefined && holdsItsPid(table, tree)) bySession.set(tree.supervisorPid, tree);
  }
  for (const entry of table.values()) {
    const tree = bySession.get(entry.sessionId) ?? bySession.get(entry.groupId);
    if (tree !== undefined && isCandidate(entry, tree)) owners.set(entry.pid, tree);
  }
}

/** Until nothing new is found: children of members, and whoever shares a session that a member opened. */
function claimDescendants(table: ProcessTable, owners: Map<number, ProcessTree>): void {
  const ownSession = table.get(process.pid)?.sessionId;
  const sessions = new Map<number, ProcessTree>();
  for (let known = -1; known !== owners.size; ) {
    known = owners.size;
    for (const [pid, tree] of owners) {
      const sessionId = table.get(pid)?.sessionId;
      if (sessionId !== undefined && sessionId !== 0 && sessionId !== ownSession) sessions.set(sessionId, tree);
    }
    for (const entry of table.values()) {
      if (owners.has(entry.pid)) continue;
      const tree = owners.get(entry.parentPid) ?? sessions.get(entry.sessionId);
      if (tree !== undefined && isCandidate(entry, tree)) owners.set(entry.pid, tree);
    }
  }
}

function claimMarked(table: ProcessTable, trees: readonly ProcessTree[], owners: Map<number, ProcessTree>): void {
  const byId = new Map<string, ProcessTree>(trees.map((tree) => [tree.containerId, tree]));
  const oldestTicks = trees.reduce((oldest, tree) => Math.min(oldest, tree.startTicks), Number.MAX_SAFE_INTEGER);
  for (const entry of table.values()) {
    // Kernel threads have no session; reading the environment of every process is what a scan spends its time on.
    if (owners.has(entry.pid) || entry.isDead || entry.sessionId === 0 || entry.startTicks < oldestTicks) continue;
    const tree = byId.get(readEnvironmentVariable(entry.pid, containerMarker) ?? "");
    if (tree !== undefined && isCandidate(entry, tree)) owners.set(entry.pid, tree);
  }
}

function isCandidate(entry: ProcessEntry, tree: ProcessTree): boolean {
  return entry.pid !== process.pid && entry.startTicks >= tree.startTicks;
}
