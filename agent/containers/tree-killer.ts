/**
 * Signals to everything of a container but its supervisor, which must live to record the end: through the cgroup where the
 * container has one, by scanning /proc where it has none. Synchronous, and no helper process is started.
 */

import { cgroupMembers, isCgroupPopulated, killCgroup } from "./cgroup.ts";
import { isProcessAlive, type ProcessEntry, readCommandLine, readProcess, readProcessTable } from "./process-table.ts";
import { findTreeMembers, type ProcessTree } from "./process-tree.ts";
import { supervisorCommandLine } from "./supervisor-script.ts";

/** Scans in a row while new processes keep turning up, or have not stopped yet; what is left then is found by the next call. */
const scansMax = 50;

// The caller signals a supervisor that is our child only as long as it has not heard of its end.

/**
 * SIGTERM to each process of the tree, once. False when the task was not there yet, or is no more: a shell that is about to become the
 * task may still be as deaf as the supervisor that it is a fork of.
 */
export function terminateTree(tree: ProcessTree): boolean {
  const members = tree.cgroup === undefined ? (findTreeMembers(readProcessTable(), [tree]).get(tree) ?? []) : cgroupMembers(tree.cgroup);
  // A shell enters the cgroup as the last thing before it becomes the task, and hears signals by then.
  const isThere = members.some((pid) => tree.cgroup !== undefined || !readCommandLine(pid).startsWith(supervisorCommandLine));
  for (const pid of members) sendSignal(pid, "SIGTERM");
  // Nothing yet: the supervisor is about to start the task, which is still in its process group. The supervisor itself
  // catches the signal.
  if (members.length === 0) signalSupervisorGroup(tree, "SIGTERM");
  return isThere;
}

/**
 * SIGKILL to what lives in the trees. Answers the trees in which something was found alive; it dies within moments, and
 * only a later call that does not answer the tree proves that nothing lives.
 */
export function killTrees(trees: readonly ProcessTree[]): ReadonlySet<ProcessTree> {
  const alive = new Set<ProcessTree>();
  const portable: ProcessTree[] = [];
  for (const tree of trees) {
    if (tree.cgroup === undefined) {
      portable.push(tree);
    } else if (isCgroupPopulated(tree.cgroup)) {
      killCgroup(tree.cgroup);
      alive.add(tree);
    }
  }
  if (portable.length > 0) for (const tree of killByScanning(portable)) alive.add(tree);
  return alive;
}

/** SIGKILL to the supervisor and its process group in one go, so that nothing new is started from there. */
export function killSupervisor(tree: ProcessTree): void {
  signalSupervisorGroup(tree, "SIGKILL");
}

/** To the process that the supervisor has started, once that is the command. False as long as there is none. */
export function signalCommand(tree: ProcessTree, signal: number): boolean {
  if (tree.supervisorPid === undefined || !holdsItsPid(tree)) return false;
  const children = [...readProcessTable().values()].filter((entry) => entry.parentPid === tree.supervisorPid && !entry.isDead);
  // A fork of the supervisor that is about to become the command may still be as deaf as that; another one watches over the agent's end.
  const command = children.find(({ pid }) => !readCommandLine(pid).startsWith(supervisorCommandLine));
  if (command !== undefined) sendSignal(command.pid, signal);
  return command !== undefined;
}

/** To the supervisor alone. */
export function signalSupervisor(tree: ProcessTree, signal: NodeJS.Signals): void {
  if (tree.supervisorPid !== undefined && holdsItsPid(tree)) sendSignal(tree.supervisorPid, signal);
}

export function isSupervisorAlive(tree: ProcessTree): boolean {
  if (tree.supervisorPid === undefined) return false;
  if (!tree.isOurChild) return isProcessAlive(tree.supervisorPid, tree.startTicks);
  return readProcess(tree.supervisorPid)?.isDead === false;
}

/**
 * Stops everything first: a parent that is killed before its children are seen would cut the way to them. A process that was
 * told to stop may still be inside a fork, on a busy machine for milliseconds, and its child is nowhere to be seen meanwhile;
 * so the scans go on until each is seen stopped.
 */
function killByScanning(trees: readonly ProcessTree[]): readonly ProcessTree[] {
  const stopped = new Set<number>();
  const alive = new Set<ProcessTree>();
  for (let scan = 0; scan < scansMax; scan++) {
    const before = stopped.size;
    const table = readProcessTable();
    const isForking = [...stopped].some((pid) => mayFork(table.get(pid)));
    for (const [tree, pids] of findTreeMembers(table, trees)) {
      alive.add(tree);
      for (const pid of pids) {
        if (stopped.has(pid)) continue;
        stopped.add(pid);
        sendSignal(pid, "SIGSTOP");
      }
    }
    if (stopped.size === before && !isForking) break;
  }
  for (const pid of stopped) sendSignal(pid, "SIGKILL");
  return [...alive];
}

function mayFork(entry: ProcessEntry | undefined): boolean {
  return entry !== undefined && !entry.isDead && !entry.isStopped;
}

function signalSupervisorGroup(tree: ProcessTree, signal: NodeJS.Signals): void {
  if (tree.supervisorPid !== undefined && holdsItsPid(tree)) sendSignal(-tree.supervisorPid, signal);
}

/**
 * A child of ours keeps its pid until we have heard its end, and is not asked: a look into its folder in /proc makes its end
 * cost the kernel more. Node has no pidfd, so for an adopted one some microseconds remain between the look and the signal.
 */
function holdsItsPid(tree: ProcessTree): boolean {
  return tree.isOurChild || isSupervisorAlive(tree);
}

function sendSignal(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isGoneOrForeign(error)) throw error;
  }
}

/** ESRCH: it is gone. EPERM: it changed its user and is not ours to touch; whoever looks for survivors will name it. */
function isGoneOrForeign(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}
