/** What the process runtime knows of one container. */

import type { ChildProcess } from "node:child_process";

import type { ContainerExit } from "../core/input.ts";
import type { ProcessTree } from "./process-tree.ts";
import { isSupervisorAlive } from "./tree-killer.ts";

export interface ProcessContainer {
  readonly tree: ProcessTree;
  /** Undefined for an adopted or recovered one. */
  readonly child: ChildProcess | undefined;
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

/** A child whose end we have heard is gone, whoever has its pid now. */
export function hasLiveSupervisor({ child, tree }: ProcessContainer): boolean {
  if (child !== undefined && (child.exitCode !== null || child.signalCode !== null)) return false;
  return isSupervisorAlive(tree);
}
