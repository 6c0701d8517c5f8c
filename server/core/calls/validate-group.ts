/**
 * The rules that a group of tasks must keep together; what breaks one becomes a TASK_ERROR of each task, with the rule as its message.
 * Source: Mesos master/validation.cpp, task::group.
 */

import { describeShortage } from "../../../common/describe-shortage.ts";
import { excerpt } from "../../../common/excerpt.ts";
import { addResources, describeResources, isEmptyResources, type Resources, subtractResources } from "../../../common/resources.ts";
import { sharesCgroups } from "../../../common/task-container.ts";
import { isTerminal } from "../../../common/task-state.ts";
import { tasksPerFrameworkMax } from "../limits.ts";
import type { Offer } from "../state.ts";
import type { TaskGroupDescription } from "./call.ts";
import { executorProblem } from "./validate-executor.ts";
import { type LaunchContext, ownProblem } from "./validate-task.ts";

/** The first rule that the group breaks: those of its tasks, of its executor, of both together, of the offers. */
export function groupProblem(group: TaskGroupDescription, context: LaunchContext): string | undefined {
  const { framework, offer, remaining, resources } = context;
  const { tasks, executor } = group;
  const seen = new Set<string>();
  for (const task of tasks) {
    const problem = seen.has(task.taskId) ? "task_id must be used once" : ownProblem(task, context);
    if (problem !== undefined) return `task ${excerpt(task.taskId)}: ${problem}`;
    seen.add(task.taskId);
  }
  if (framework.tasks.size + tasks.length > tasksPerFrameworkMax) {
    return `tasks of a framework, ended ones that it has not acknowledged included, must be at most ${tasksPerFrameworkMax}`;
  }
  const problem = group.problem ?? cgroupsProblem(group, offer) ?? overlapProblem(group, offer);
  if (problem !== undefined) return problem;
  const shortage = describeShortage(resources, { left: remaining, total: offer.agent.total });
  if (shortage !== undefined) {
    const needed = `those of the tasks and of executor ${executor.executorId}, if that is new, are ${describeResources(resources)}`;
    return `resources must be in what is left of the offers: ${shortage}; left are ${describeResources(remaining)}; ${needed}`;
  }
  return undefined;
}

/** All live tasks of an executor share their cgroups with it, or none does. */
function cgroupsProblem({ tasks, executor }: TaskGroupDescription, { agent, framework }: Offer): string | undefined {
  const wanted = sharesCgroups(tasks[0]?.info ?? {});
  for (const task of agent.tasks) {
    const isMate = task.frameworkId === framework.frameworkId && task.executorId === executor.executorId && !isTerminal(task.state);
    if (isMate && task.sharesCgroups === !wanted) {
      return `container.linux_info.share_cgroups must be as for task ${task.taskId} of the same executor, is ${wanted}`;
    }
  }
  return undefined;
}

/** What cannot be counted twice belongs to one task, or to the executor. */
function overlapProblem({ tasks, executor }: TaskGroupDescription, offer: Offer): string | undefined {
  let taken: Resources = [];
  for (const task of tasks) {
    const problem = executorProblem({ executor, resources: task.resources }, offer);
    if (problem !== undefined) return problem;
    for (const resource of task.resources) {
      if (resource.value.kind === "scalar") continue;
      const alone: Resources = [resource];
      const isWhole = isEmptyResources(subtractResources(alone, subtractResources(alone, taken)));
      if (!isWhole) return `task ${task.taskId}: resources must not overlap with those of another task, both have some of ${resource.name}`;
    }
    taken = addResources(taken, task.resources);
  }
  return undefined;
}
