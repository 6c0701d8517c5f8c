/**
 * The tasks of a LAUNCH_GROUP and the executor that runs them all. What is wrong with the group does not refuse the call: it becomes a
 * TASK_ERROR of each of its tasks. Source: Mesos master/validation.cpp, task::group.
 */

import { findCommandProblem } from "../../common/command-rules.ts";
import { excerpt } from "../../common/excerpt.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { isPersistentVolume } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import { sharesCgroups } from "../../common/task-container.ts";
import {
  ExecutorInfo,
  ExecutorInfo_Type,
  type Offer_Operation_LaunchGroup,
  type OperationID,
  type TaskInfo,
} from "../../protos/gen/mesos/v1/mesos.ts";
import type { TaskGroupDescription } from "../core/calls/call.ts";
import { isSameMessage } from "../core/same-message.ts";
import { describeExecutor, findExecutorContainerProblem, findRoleProblem } from "./decode-executor.ts";
import { describeMember } from "./decode-task.ts";
import { findDurationProblem, findIdProblem } from "./rules.ts";

/** Below these an executor cannot work. Source: Mesos MIN_CPUS and MIN_MEM. */
const executorCpusMinMilli = 10;
const executorMemMinMilli = 32_000;

/** Describes a group; its `problem` names fields from the LaunchGroup on: "executor.type must be DEFAULT or CUSTOM". */
export function describeTaskGroup(
  { executor, taskGroup }: Offer_Operation_LaunchGroup,
  operationId: OperationID | undefined,
): TaskGroupDescription {
  const info = executor ?? ExecutorInfo.fromPartial({});
  const tasks = taskGroup?.tasks ?? [];
  const isDefault = info.type === ExecutorInfo_Type.DEFAULT;
  return {
    executor: describeExecutor(info),
    tasks: tasks.map((task) => ({ ...describeMember(task, isDefault), info: { ...task, executor: info } })),
    problem: operationId === undefined ? findGroupProblem(info, tasks) : "operation id must not be set for a LAUNCH_GROUP",
  };
}

function findGroupProblem(executor: ExecutorInfo, tasks: readonly TaskInfo[]): string | undefined {
  const problem = findExecutorProblem(executor);
  if (problem !== undefined) return `executor.${problem}`;
  for (const task of tasks) {
    const name = `task ${excerpt(task.taskId?.value ?? "")}`;
    if (task.executor !== undefined && !isSameMessage(task.executor, executor))
      return `${name}: executor must be absent, or that of the group`;
    if (sharesCgroups(task) !== sharesCgroups(tasks[0] ?? task)) {
      return `${name}: container.linux_info.share_cgroups must be the same for all tasks of the group, is ${sharesCgroups(task)}`;
    }
  }
  return undefined;
}

function findExecutorProblem(info: ExecutorInfo): string | undefined {
  const { type, command, container } = info;
  const isDefault = type === ExecutorInfo_Type.DEFAULT;
  if (!isDefault && type !== ExecutorInfo_Type.CUSTOM) return "type must be DEFAULT or CUSTOM for a LAUNCH_GROUP";
  if (isDefault && command !== undefined) return "command must be absent for the type DEFAULT";
  if (!isDefault && command === undefined) return "command must be set for the type CUSTOM";
  const read = readResources(info.resources, "resources");
  return (
    (command === undefined ? undefined : findCommandProblem(command)) ??
    findIdProblem("executor_id", info.executorId) ??
    findIdProblem("framework_id", info.frameworkId) ??
    findDurationProblem("shutdown_grace_period", info.shutdownGracePeriod) ??
    (read.ok ? findResourcesProblem(read.value, isDefault) : read.refusal.message) ??
    findExecutorContainerProblem(container, isDefault ? "defaultExecutor" : "executor")
  );
}

function findResourcesProblem(resources: Resources, isDefault: boolean): string | undefined {
  const problem = findRoleProblem(resources, "resources");
  if (problem !== undefined) return problem;
  // The default executor is a part of the agent, so nobody is there who could see a volume.
  if (isDefault && resources.some(isPersistentVolume))
    return "resources must not have persistent volumes for the type DEFAULT; those of its tasks may";
  return findSizeProblem(resources);
}

function findSizeProblem(resources: Resources): string | undefined {
  const milli = (name: string): number => {
    let sum = 0;
    for (const { name: own, value } of resources) if (own === name && value.kind === "scalar") sum += value.milli;
    return sum;
  };
  if (milli("cpus") < executorCpusMinMilli) return `resources must have at least 0.01 cpus, have ${milli("cpus") / 1_000}`;
  if (milli("mem") < executorMemMinMilli) return `resources must have at least 32 MB of mem, have ${milli("mem") / 1_000}`;
  return resources.some(({ name }) => name === "disk") ? undefined : "resources must have disk";
}
