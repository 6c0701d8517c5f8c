/**
 * The rules that a task of a LAUNCH must keep; what breaks one becomes TASK_ERROR with the rule as its message.
 * Source: Mesos master/validation.cpp.
 */

import { describeShortage } from "../../../common/describe-shortage.ts";
import { excerpt } from "../../../common/excerpt.ts";
import { idProblem } from "../../../common/ids.ts";
import { describeResources, isEmptyResources, type Resources } from "../../../common/resources.ts";
import type { AgentInfo_Capability_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { tasksPerFrameworkMax } from "../limits.ts";
import type { Framework, Offer } from "../state.ts";
import type { TaskDescription } from "./call.ts";
import { executorProblem } from "./validate-executor.ts";

const taskResourceLimits: typeof AgentInfo_Capability_Type.TASK_RESOURCE_LIMITS = 8;

export interface LaunchContext {
  readonly framework: Framework;
  readonly offer: Offer;
  /** What earlier tasks of the call left of the offers, with its allocation role. */
  readonly remaining: Resources;
  /** What the task asks for, and its executor if that is new, with the role of the offer. */
  readonly resources: Resources;
}

/** The first rule that the task breaks by itself, in the reference's order. */
export function ownProblem(task: TaskDescription, { framework, offer }: Pick<LaunchContext, "framework" | "offer">): string | undefined {
  const idRule = idProblem(task.taskId);
  if (idRule !== undefined) return `task_id ${idRule}`;
  if (framework.tasks.has(task.taskId)) return `task_id must not be in use, ${task.taskId} is a task of this framework`;
  if (framework.unreachableTasks.has(task.taskId)) return `task_id must not be in use, ${task.taskId} is on an unreachable agent`;
  if (framework.tasks.size >= tasksPerFrameworkMax) {
    return `tasks of a framework, ended ones that it has not acknowledged included, must be at most ${tasksPerFrameworkMax}`;
  }
  if (task.agentId !== offer.agent.agentId)
    return `agent_id must be ${offer.agent.agentId}, the agent of the offers, is ${excerpt(task.agentId)}`;
  if (task.problem !== undefined) return task.problem;
  if (Object.keys(task.info.limits).length > 0 && offer.agent.description.capabilities?.includes(taskResourceLimits) !== true)
    return "limits must not be set: the agent does not isolate tasks; its flag --isolation says how it can";
  if (isEmptyResources(task.resources)) return "resources must not be empty";
  const foreign = task.resources.find(({ allocationRole }) => allocationRole !== undefined && allocationRole !== offer.role);
  if (foreign !== undefined)
    return `resources must be allocated to role "${offer.role}", ${excerpt(foreign.name)} is to "${excerpt(foreign.allocationRole ?? "")}"`;
  const twice = task.resources.find(({ disk, copies }) => disk?.persistence !== undefined && copies !== undefined);
  if (twice !== undefined) return `resources must have each persistent volume once, ${twice.disk?.persistence?.id} is there several times`;
  return undefined;
}

/** The first rule that a task of a LAUNCH breaks, in the reference's order. */
export function taskProblem(task: TaskDescription, context: LaunchContext): string | undefined {
  const { offer, remaining, resources } = context;
  const ownRule = ownProblem(task, context);
  if (ownRule !== undefined) return ownRule;
  const { command, executor } = task.info;
  if ((command === undefined) === (executor === undefined)) return "exactly one of command and executor must be set";
  const problem = executorProblem(task, offer);
  if (problem !== undefined) return problem;
  const shortage = describeShortage(resources, { left: remaining, total: offer.agent.total });
  if (shortage !== undefined) {
    const asked = `asked are ${describeResources(resources)}`;
    return `resources must be in what is left of the offers: ${shortage}; left are ${describeResources(remaining)}; ${asked}`;
  }
  return undefined;
}
