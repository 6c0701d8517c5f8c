/**
 * One task of a LAUNCH or of a group. What is wrong with it does not refuse the call: it becomes a TASK_ERROR, so the first problem
 * is kept beside the description. What no agent of this version can do is named, too, rather than silently left out.
 */

import { findCommandProblem, findEnvironmentProblem } from "../../common/command-rules.ts";
import { findContainerFormProblem, findContainerProblem } from "../../common/container-rules.ts";
import { excerpt } from "../../common/excerpt.ts";
import { AgentId, TaskId } from "../../common/ids.ts";
import { findCheckProblem, findHealthCheckProblem } from "../../common/mesos-checks.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { isPersistentVolume } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import { sharesCgroups } from "../../common/task-container.ts";
import { findLimitsProblem } from "../../common/task-limits.ts";
import { ContainerInfo_Type, type TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { TaskDescription } from "../core/calls/call.ts";
import { describeExecutor, findExecutorProblem } from "./decode-executor.ts";
import { findDurationProblem, findGraceProblem, findIdProblem } from "./rules.ts";

/** Describes a task; its `problem` names fields from the TaskInfo on: "resources must not be empty". */
export function describeTask(info: TaskInfo): TaskDescription {
  const executor = info.executor === undefined ? undefined : describeExecutor(info.executor);
  return { ...describe(info, findLoneTaskProblem), executor };
}

/** Describes a member of a group. `isCommandNeeded`: nobody but the agent is there to run it. */
export function describeMember(info: TaskInfo, isCommandNeeded: boolean): TaskDescription {
  return describe(info, (task) => findMemberProblem(task, isCommandNeeded));
}

/** Rules that hold for tasks of one kind of launch only. */
type FindProblem = (info: TaskInfo, resources: Resources) => string | undefined;

function describe(info: TaskInfo, findOwnProblem: FindProblem): TaskDescription {
  const read = readResources(info.resources, "resources");
  const resources = read.ok ? read.value : [];
  return {
    taskId: TaskId(info.taskId?.value ?? ""),
    agentId: AgentId(info.agentId?.value ?? ""),
    resources,
    problem: findTaskProblem(info, read.ok ? resources : read.refusal.message, findOwnProblem),
    info,
  };
}

/** In the order of the reference's checks; `resources` are what was read of them, or what is wrong with them. */
function findTaskProblem(info: TaskInfo, resources: Resources | string, findOwnProblem: FindProblem): string | undefined {
  return (
    findIdProblem("task_id", info.taskId) ??
    findIdProblem("agent_id", info.agentId) ??
    findGraceProblem("kill_policy", info.killPolicy) ??
    findDurationProblem("max_completion_time", info.maxCompletionTime) ??
    findCheckingProblem(info) ??
    (typeof resources === "string" ? resources : findResourcesProblem(resources)) ??
    findEnvironmentProblem(info.command?.environment) ??
    inContainer(info.container && findContainerFormProblem(info.container)) ??
    findLimitsProblem(info.limits, typeof resources === "string" ? [] : resources) ??
    findOwnProblem(info, typeof resources === "string" ? [] : resources)
  );
}

function findResourcesProblem(resources: Resources): string | undefined {
  const first = resources[0];
  if (first === undefined) return "resources must not be empty";
  const other = resources.find((entry) => entry.allocationRole !== first.allocationRole);
  if (other === undefined) return undefined;
  const [own, others] = [first, other].map(({ allocationRole = "" }) => excerpt(allocationRole));
  return `resources must all be allocated to one role, have "${own}" and "${others}"`;
}

function findLoneTaskProblem({ command, executor, container }: TaskInfo, resources: Resources): string | undefined {
  if (container?.linuxInfo?.shareCgroups === false) return "container.linux_info.share_cgroups must not be false outside a group";
  if (command === undefined && executor === undefined) return "command or executor must be set";
  if (command !== undefined && executor !== undefined) return "command and executor must not both be set";
  if (executor !== undefined) return findExecutorProblem(executor) ?? findVolumeProblem(resources);
  return (command && findCommandProblem(command)) ?? inContainer(container && findContainerProblem(container, "task"));
}

/** What is wrong with a container, as the field of its task. */
function inContainer(problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `container.${problem}`;
}

/** A program of the framework honours its tasks' containers as it likes, but for those of Docker, of which there are none in groups. */
function findMemberProblem(info: TaskInfo, isCommandNeeded: boolean): string | undefined {
  const { command, container, limits } = info;
  if (container?.type === ContainerInfo_Type.DOCKER) return "container.type must be MESOS in a group, is DOCKER";
  if (Object.keys(limits).length > 0 && sharesCgroups(info)) {
    return "limits must not be set in a group without container.linux_info.share_cgroups: false";
  }
  if (command === undefined) return isCommandNeeded ? "command must be set for a task of the default executor" : undefined;
  if (!isCommandNeeded) return undefined;
  return findCommandProblem(command) ?? inContainer(container && findContainerProblem(container, "groupMember"));
}

/** An executor's sandbox shows its own volumes from the start; none can be added for a later task. */
function findVolumeProblem(resources: Resources): string | undefined {
  return resources.some(isPersistentVolume)
    ? "resources must not have persistent volumes for a task with an executor; executor.resources may"
    : undefined;
}

function findCheckingProblem({ check, healthCheck }: TaskInfo): string | undefined {
  return (check && findCheckProblem("check", check)) ?? (healthCheck && findHealthCheckProblem("health_check", healthCheck));
}
