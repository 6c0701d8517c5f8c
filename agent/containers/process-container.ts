/** What the process runtime knows of one container. */

import type { ContainerExit } from "../core/input.ts";
import type { ProcessTree } from "./process-tree.ts";
import type { Supervisor } from "./supervisor.ts";
import { isSupervisorAlive } from "./tree-killer.ts";

export interface ProcessContainer {
  readonly tree: ProcessTree;
  /** Undefined for an adopted or recovered one. */
  readonly supervisor: Supervisor | undefined;
  /** `ending`: the task has ended and leftovers are being killed. */
  phase: "running" | "ending" | "ended";
  /** What to report when the leftovers are dead; undefined when the end was reported with the recovery. */
  exit: ContainerExit | undefined;
  endedAtMs: number;
  /** When the grace of an ordered kill ends. */
  killAtMs: number | undefined;
  killTimer: NodeJS.Timeout | undefined;
  /** The task is known to be in its cgroup, which it cannot leave. */
  hasEnteredCgroup: boolean;
}

/**
 * Whether a supervisor lives that has not told the end of this container. Of one of ours that has, nothing is asked: it may have another
 * task, and its pid may have another owner.
 */
export function hasLiveSupervisor({ supervisor, tree }: ProcessContainer): boolean {
  if (supervisor?.isBusy === false) return false;
  return isSupervisorAlive(tree);
}

/** One whose task was just started, or found again. */
export function newContainer(tree: ProcessTree, supervisor: Supervisor | undefined): ProcessContainer {
  return {
    tree,
    supervisor,
    phase: "running",
    exit: undefined,
    endedAtMs: 0,
    killAtMs: undefined,
    killTimer: undefined,
    hasEnteredCgroup: false,
  };
}
