/** Which executor a step is about: as a rule one that has a live task, and now and then one that never was. */

import type { Framework } from "../framework.ts";
import { at } from "../world.ts";
import { executorIdOf } from "./accept-offer.ts";

export interface ExecutorChoice {
  readonly task: number;
  /** Numbers below `unknownExecutor` stand for one with a live task, if there is one. */
  readonly executor: number;
}

/** No task of the workload asks for this executor. */
export const unknownExecutor = 2;

/** The framework has a task. */
export function chosenExecutor(framework: Framework, { task, executor }: ExecutorChoice): { executorId: string; agentId: string } {
  const live = framework.liveTasks().filter(({ executorId }) => executorId !== undefined);
  const { agentId, executorId } = at(executor < unknownExecutor && live.length > 0 ? live : [...framework.tasks.values()], task);
  return { agentId, executorId: executor < unknownExecutor && executorId !== undefined ? executorId : executorIdOf(framework, executor) };
}
