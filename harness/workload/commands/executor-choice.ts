/** Which executor a step is about: as a rule one that has a live task, and now and then one that never was. */

import type { Framework } from "../framework.ts";
import type { KnownTask } from "../knowledge.ts";
import { at } from "../world.ts";
import { executorIdOf } from "./accept-offer.ts";

export interface ExecutorChoice {
  readonly task: number;
  /** Numbers below `unknownExecutor` stand for one with a live task, if there is one; `heardExecutor` for one whose task was heard of. */
  readonly executor: number;
}

export const heardExecutor = 0;

/** No task of the workload asks for this executor. */
export const unknownExecutor = 2;

/** Whether the framework heard of a live task with an executor. */
export function hasHeardExecutor(framework: Framework): boolean {
  return framework.liveTasks().some(isHeard);
}

/** The framework has a task. */
export function chosenExecutor(framework: Framework, { task, executor }: ExecutorChoice): { executorId: string; agentId: string } {
  const launched = framework.liveTasks().filter(({ executorId }) => executorId !== undefined);
  const heard = executor === heardExecutor ? launched.filter(isHeard) : [];
  const live = heard.length > 0 ? heard : launched;
  const { agentId, executorId } = at(executor < unknownExecutor && live.length > 0 ? live : [...framework.tasks.values()], task);
  return { agentId, executorId: executor < unknownExecutor && executorId !== undefined ? executorId : executorIdOf(framework, executor) };
}

function isHeard({ executorId, state }: KnownTask): boolean {
  return executorId !== undefined && state === "TASK_RUNNING";
}
