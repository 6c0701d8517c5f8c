/**
 * Reads a TaskInfo as this agent runs it: a command under /bin/sh or as a program, by itself or in a default executor, or a task for an
 * executor of the framework, and a reason when it asks for more than that.
 */

import { findCommandProblem } from "../../common/command-rules.ts";
import { type ContainerOwner, findContainerFormProblem, findContainerProblem } from "../../common/container-rules.ts";
import { ExecutorId, FrameworkId, idProblem, TaskId } from "../../common/ids.ts";
import { findCheckProblem, findHealthCheckProblem } from "../../common/mesos-checks.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { topReservation } from "../../common/resource-operations.ts";
import type { Resources } from "../../common/resources.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { findLimitsProblem } from "../../common/task-limits.ts";
import {
  type CommandInfo,
  type ContainerInfo,
  type ExecutorInfo,
  ExecutorInfo_Type,
  type FrameworkInfo,
  type Resource,
  type TaskInfo,
} from "../../protos/gen/mesos/v1/mesos.ts";
import type { TaskVolume } from "../core/command-description.ts";
import { defaultKillGraceMs } from "../core/config.ts";
import { limitsOf } from "../core/container-limits.ts";
import type { ContainerSetup } from "../core/container-setup.ts";
import { type ExecutorToRun, isProgram } from "../core/executor-message.ts";
import type { TaskToRun } from "../core/master-message.ts";
import { rootOf } from "../core/operations.ts";
import { toCheck, toHealthCheck } from "./check-to-run.ts";
import { toCommand } from "./command-description.ts";
import { toContainerSetup } from "./container-setup.ts";

/** What to run for a task. A task that cannot be run still is a task: it has a `problem`. Without ids there is nobody to tell. */
export function toTaskToRun(framework: FrameworkInfo, info: TaskInfo, { isInGroup = false } = {}): Result<TaskToRun> {
  const frameworkId = framework.id?.value ?? "";
  const taskId = info.taskId?.value ?? "";
  const frameworkIdProblem = idProblem(frameworkId);
  if (frameworkIdProblem !== undefined) return refuse("INVALID_ARGUMENT", `framework.id ${frameworkIdProblem}`);
  const taskIdProblem = idProblem(taskId);
  if (taskIdProblem !== undefined) return refuse("INVALID_ARGUMENT", `task.task_id ${taskIdProblem}`);
  const resources = resourcesOf(info);
  const problem = taskProblem(info, resources, isInGroup);
  const executor = problem === undefined && info.executor !== undefined ? toExecutor(frameworkId, info.executor) : undefined;
  return succeed({
    frameworkId: FrameworkId(frameworkId),
    taskId: TaskId(taskId),
    framework,
    // With a program of the framework the command, if there is one, is for that to read.
    command: problem === undefined && !isProgram(executor) ? toCommand(info.command) : undefined,
    executor,
    problem,
    killGraceMs: killGraceMs(info),
    ...(problem === undefined && !isProgram(executor) ? readWatches(info) : {}),
    volumes: readVolumes(resources),
    limits: problem === undefined ? limitsOf(resources, info.limits) : undefined,
    ...(problem === undefined && !isProgram(executor) ? setupOf(info.container) : {}),
    info,
  });
}

/** What the agent has to watch of a command task. */
function readWatches({ check, healthCheck, maxCompletionTime }: TaskInfo): Pick<TaskToRun, "check" | "healthCheck" | "maxCompletionMs"> {
  return {
    ...(check === undefined ? {} : { check: toCheck(check) }),
    ...(healthCheck === undefined ? {} : { healthCheck: toHealthCheck(healthCheck) }),
    ...(maxCompletionTime === undefined ? {} : { maxCompletionMs: toMilliseconds(maxCompletionTime.nanoseconds) }),
  };
}

function setupOf(container: ContainerInfo | undefined): { readonly setup?: ContainerSetup } {
  const setup = toContainerSetup(container);
  return setup === undefined ? {} : { setup };
}

/** None where they cannot be read; who asks has refused those already, or will. */
function resourcesOf({ resources }: { readonly resources: readonly Resource[] }): Resources {
  const read = readResources(resources, "resources");
  return read.ok ? read.value : [];
}

function readVolumes(resources: Resources): readonly TaskVolume[] {
  const volumes: TaskVolume[] = [];
  for (const entry of resources) {
    const { persistence, volume } = entry.disk ?? {};
    const role = topReservation(entry)?.role;
    if (persistence === undefined || volume === undefined || role === undefined) continue;
    volumes.push({
      role,
      id: persistence.id,
      ...rootOf(entry),
      containerPath: volume.containerPath,
      isShared: entry.shared === true,
    });
  }
  return volumes;
}

/** What to run for an executor that a checkpoint holds, or the reason why it is damaged. */
export function toExecutorToRun(frameworkId: FrameworkId, info: ExecutorInfo): Result<ExecutorToRun> {
  const problem = executorProblem(info);
  return problem === undefined ? succeed(toExecutor(frameworkId, info)) : refuse("INVALID_ARGUMENT", problem);
}

function toExecutor(frameworkId: string, info: ExecutorInfo): ExecutorToRun {
  const grace = info.shutdownGracePeriod?.nanoseconds;
  const resources = resourcesOf(info);
  return {
    executorId: ExecutorId(info.executorId?.value ?? ""),
    command: info.type === ExecutorInfo_Type.DEFAULT ? undefined : toCommand(info.command),
    volumes: readVolumes(resources),
    limits: limitsOf(resources),
    ...setupOf(info.container),
    shutdownGraceMs: grace === undefined ? undefined : toMilliseconds(grace),
    info: { ...info, frameworkId: { value: frameworkId } },
  };
}

function killGraceMs(info: TaskInfo): number {
  const nanoseconds = info.killPolicy?.gracePeriod?.nanoseconds;
  return nanoseconds === undefined ? defaultKillGraceMs : toMilliseconds(nanoseconds);
}

/** Whole milliseconds, rounded up so that no grace is shorter than it was asked for; negative ones count as none. */
export function toMilliseconds(nanoseconds: bigint): number {
  return nanoseconds <= 0n ? 0 : Number((nanoseconds + 999_999n) / 1_000_000n);
}

/** What of a task this agent cannot honour. It refuses rather than run the task differently from what was asked. */
function taskProblem(info: TaskInfo, resources: Resources, isInGroup: boolean): string | undefined {
  const containerProblem = findTaskContainerProblem(info, isInGroup);
  if (containerProblem !== undefined) return `task.${containerProblem}`;
  const limitsProblem = findLimitsProblem(info.limits, resources);
  if (limitsProblem !== undefined) return `task.${limitsProblem}`;
  const graceNanoseconds = info.killPolicy?.gracePeriod?.nanoseconds;
  if (graceNanoseconds !== undefined && graceNanoseconds < 0n) {
    return `task.kill_policy.grace_period must not be negative, is ${graceNanoseconds} ns`;
  }
  if (info.executor !== undefined) {
    const problem = executorProblem(info.executor) ?? memberProblem(info, { resources, isInGroup });
    if (problem !== undefined) return `task.${problem}`;
    if (info.executor.type !== ExecutorInfo_Type.DEFAULT) return undefined;
  }
  const problem = commandProblem(info.command) ?? checksProblem(info);
  return problem === undefined ? undefined : `task.${problem}`;
}

/** The container of a task that a program of the framework runs is for that to honour. */
function findTaskContainerProblem({ container, executor }: TaskInfo, isInGroup: boolean): string | undefined {
  const isOwn = executor === undefined || executor.type === ExecutorInfo_Type.DEFAULT;
  if (isOwn) return inContainer(container, isInGroup ? "groupMember" : "task");
  const problem = container && findContainerFormProblem(container);
  return problem === undefined ? undefined : `container.${problem}`;
}

function inContainer(container: ContainerInfo | undefined, owner: ContainerOwner): string | undefined {
  const problem = container && (findContainerFormProblem(container) ?? findContainerProblem(container, owner));
  return problem === undefined ? undefined : `container.${problem}`;
}

/** What of the checks, or of the times, is no order that can be carried out. */
function checksProblem({ check, healthCheck, maxCompletionTime }: TaskInfo): string | undefined {
  if (maxCompletionTime !== undefined && maxCompletionTime.nanoseconds < 0n) {
    return `max_completion_time must not be negative, is ${maxCompletionTime.nanoseconds} ns`;
  }
  return (check && findCheckProblem("check", check)) ?? (healthCheck && findHealthCheckProblem("health_check", healthCheck));
}

/** What a task must keep beside its executor. */
function memberProblem(
  { executor, command }: TaskInfo,
  { resources, isInGroup }: { resources: Resources; isInGroup: boolean },
): string | undefined {
  if (executor?.type === ExecutorInfo_Type.DEFAULT) return isInGroup ? undefined : "executor.type must not be DEFAULT outside a group";
  const volume = readVolumes(resources)[0];
  if (volume !== undefined) return `resources must not have a volume, "${volume.id}": the executor has its own from its start on`;
  return command === undefined || isInGroup ? undefined : "command must be absent for a task with an executor";
}

function executorProblem(info: ExecutorInfo): string | undefined {
  const idRule = idProblem(info.executorId?.value ?? "");
  if (idRule !== undefined) return `executor.executor_id ${idRule}`;
  const type = info.type ?? ExecutorInfo_Type.CUSTOM;
  if (type === ExecutorInfo_Type.UNKNOWN) return "executor.type must be CUSTOM or DEFAULT: this agent runs no other";
  const containerProblem = inContainer(info.container, type === ExecutorInfo_Type.DEFAULT ? "defaultExecutor" : "executor");
  if (containerProblem !== undefined) return `executor.${containerProblem}`;
  if (type === ExecutorInfo_Type.DEFAULT) {
    const volume = readVolumes(resourcesOf(info))[0];
    if (volume !== undefined)
      return `executor.resources must not have a volume, "${volume.id}": a default executor has no process to see it`;
    return info.command === undefined ? undefined : "executor.command must be absent for the type DEFAULT";
  }
  const problem = commandProblem(info.command);
  return problem === undefined ? undefined : `executor.${problem}`;
}

function commandProblem(command: CommandInfo | undefined): string | undefined {
  return command === undefined ? "command must be set" : findCommandProblem(command);
}
