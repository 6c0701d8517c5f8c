/** Tells the shell what containers may use, wherever that is not said with the launch. */

import type { ContainerId } from "../../common/ids.ts";
import { addLimits, type ContainerLimits } from "./container-limits.ts";
import type { Executor } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Of an executor with all of its tasks that have not ended. */
export function executorLimits({ toRun, tasks }: Executor): ContainerLimits | undefined {
  let sum = toRun.limits;
  for (const task of tasks) if (sum !== undefined && task.toRun?.limits !== undefined) sum = addLimits(sum, task.toRun.limits);
  return sum;
}

/** A container that the agent found again, or whose executor got or lost a task, has these limits from now on. */
export function limitContainer(turn: Turn, containerId: ContainerId, limits: ContainerLimits | undefined): void {
  if (limits !== undefined) turn.emit({ kind: "limitContainer", containerId, limits });
}

/** Executors whose tasks are others than before the step. Called at its end. */
export function settleLimits(turn: Turn): void {
  const { resized } = turn.state.unsettled;
  for (const executor of resized) {
    const runs = executor.phase === "registering" || executor.phase === "running" || executor.phase === "terminating";
    const isThere = turn.state.executors.get(executor.key) === executor && executor.isContainerOrdered;
    if (runs && isThere) limitContainer(turn, executor.containerId, executorLimits(executor));
  }
  resized.clear();
}
