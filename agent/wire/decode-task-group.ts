/** Groups of tasks as the master sends them. What is wrong with one of the tasks makes the whole group one that cannot be run. */

import { ExecutorId, FrameworkId, idProblem } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { RunTaskGroup } from "../../protos/gen/tepui/v1/agent_link.ts";
import type { MasterToAgent, TaskToRun } from "../core/master-message.ts";
import { toTaskToRun } from "./task-to-run.ts";

/** Refused when there is nobody to tell: without framework, executor or tasks, or with ids that are none. */
export function decodeRunTaskGroup({ framework, executor, tasks, launchExecutor }: RunTaskGroup): Result<MasterToAgent> {
  if (framework === undefined) return refuse("INVALID_ARGUMENT", "run_task_group.framework must be set");
  if (executor === undefined) return refuse("INVALID_ARGUMENT", "run_task_group.executor must be set");
  const idRule = idProblem(executor.executorId?.value ?? "");
  if (idRule !== undefined) return refuse("INVALID_ARGUMENT", `run_task_group.executor.executor_id ${idRule}`);
  const toRun: TaskToRun[] = [];
  const seen = new Set<string>();
  for (const [index, info] of tasks.entries()) {
    const decoded = toTaskToRun(framework, { ...info, executor }, { isInGroup: true });
    if (!decoded.ok) return refuse(decoded.refusal.code, `run_task_group.tasks[${index}].${decoded.refusal.message}`);
    if (seen.has(decoded.value.taskId)) return refuse("INVALID_ARGUMENT", `run_task_group.tasks[${index}] has the id of another one`);
    seen.add(decoded.value.taskId);
    toRun.push(decoded.value);
  }
  if (toRun.length === 0) return refuse("INVALID_ARGUMENT", "run_task_group.tasks must not be empty");
  return succeed({
    kind: "runTaskGroup",
    group: {
      frameworkId: FrameworkId(framework.id?.value ?? ""),
      framework,
      executorId: ExecutorId(executor.executorId?.value ?? ""),
      executor: toRun[0]?.executor,
      ...(launchExecutor === undefined ? {} : { launchesExecutor: launchExecutor }),
      problem: toRun.find(({ problem }) => problem !== undefined)?.problem,
      tasks: toRun,
    },
  });
}
