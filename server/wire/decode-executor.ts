/** The executor of a task: what is wrong with it becomes the task's own TASK_ERROR. */

import { findCommandProblem } from "../../common/command-rules.ts";
import { type ContainerOwner, findContainerFormProblem, findContainerProblem } from "../../common/container-rules.ts";
import { ExecutorId } from "../../common/ids.ts";
import { readResources } from "../../common/mesos-resources.ts";
import type { Resources } from "../../common/resources.ts";
import { type ContainerInfo, type ExecutorInfo, ExecutorInfo_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ExecutorDescription } from "../core/calls/call.ts";
import { findDurationProblem, findIdProblem, findOptionalIdProblem } from "./rules.ts";

/** What the master reads of an ExecutorInfo, whether it is valid or not. */
export function describeExecutor(info: ExecutorInfo): ExecutorDescription {
  const read = readResources(info.resources, "executor.resources");
  return { executorId: ExecutorId(info.executorId?.value ?? ""), resources: read.ok ? read.value : [], info };
}

/** The first rule of form that the executor breaks, in the order of the reference. */
export function findExecutorProblem(info: ExecutorInfo): string | undefined {
  const { type } = info;
  if (type === ExecutorInfo_Type.DEFAULT) return "executor.type must not be DEFAULT for a LAUNCH; it is for a LAUNCH_GROUP";
  if (info.command === undefined) return "executor.command must be set";
  const read = readResources(info.resources, "executor.resources");
  const problem =
    findCommandProblem(info.command) ??
    findIdProblem("executor_id", info.executorId) ??
    findOptionalIdProblem("framework_id", info.frameworkId) ??
    findDurationProblem("shutdown_grace_period", info.shutdownGracePeriod);
  if (problem !== undefined) return `executor.${problem}`;
  if (!read.ok) return read.refusal.message;
  const containerProblem = findExecutorContainerProblem(info.container, "executor");
  return findRoleProblem(read.value, "executor.resources") ?? (containerProblem === undefined ? undefined : `executor.${containerProblem}`);
}

/** Names the field from the ExecutorInfo on. */
export function findExecutorContainerProblem(container: ContainerInfo | undefined, owner: ContainerOwner): string | undefined {
  const problem = container && (findContainerFormProblem(container) ?? findContainerProblem(container, owner));
  return problem === undefined ? undefined : `container.${problem}`;
}

export function findRoleProblem(resources: Resources, path: string): string | undefined {
  const first = resources[0];
  const other = resources.find((entry) => entry.allocationRole !== first?.allocationRole);
  if (first === undefined || other === undefined) return undefined;
  return `${path} must all be allocated to one role, have "${first.allocationRole ?? ""}" and "${other.allocationRole ?? ""}"`;
}
