/** What the master says of whole frameworks. */

import type { FrameworkId } from "../../common/ids.ts";
import { isTerminal } from "../../common/task-state.ts";
import type { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { record } from "./checkpoint.ts";
import { defaultKillGraceMs } from "./config.ts";
import { shutDownExecutor } from "./executors.ts";
import { orderKill } from "./kills.ts";
import { resendOperations } from "./operation-updates.ts";
import { forgetOperations } from "./operations.ts";
import { resendHeads } from "./status-updates.ts";
import { forgetTask } from "./task-end.ts";
import { log, type Turn } from "./turn.ts";

/** Kills everything of a framework that is gone. Nothing of it is forwarded any more; its records go as its tasks die. */
export function shutdownFramework(turn: Turn, frameworkId: FrameworkId): void {
  forgetOperations(turn, frameworkId);
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework === undefined) return;
  log(turn, "info", "shutting a framework down", { frameworkId, tasks: framework.tasks.size });
  framework.isShuttingDown = true;
  for (const task of framework.tasks) {
    turn.state.retries.delete(task);
    if (isTerminal(task.latestState)) forgetTask(turn, task);
    // Tasks with an executor end with it.
    else if (task.executorId === undefined) orderKill(turn, task, task.toRun?.killGraceMs ?? defaultKillGraceMs);
  }
  for (const executor of [...framework.executors]) shutDownExecutor(turn, executor);
}

/** The framework (re)subscribed, perhaps with other capabilities: it is told again what it did not acknowledge. */
export function updateFramework(
  turn: Turn,
  frameworkId: FrameworkId,
  { framework: info, sameScheduler }: { readonly framework: FrameworkInfo; readonly sameScheduler: boolean },
): void {
  const operations = [...turn.state.operations.values()].filter((operation) => operation.frameworkId === frameworkId);
  if (!sameScheduler) resendOperations(turn, operations);
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework === undefined) return;
  framework.info = info;
  record(turn, framework.key);
  if (!sameScheduler) resendHeads(turn, framework.tasks);
}
