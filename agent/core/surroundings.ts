/** What a command needs that is run within the container of a task or an executor: as whom, and what that has in its environment. */

import { type ContainerId, ExecutorId, type FrameworkId } from "../../common/ids.ts";
import { executorEnvironment } from "./executor-environment.ts";
import { isCheckpointed } from "./framework-traits.ts";
import type { AgentState } from "./state.ts";
import { taskEnvironment } from "./task-environment.ts";

type Variables = readonly (readonly [name: string, value: string])[];

export interface Surroundings {
  readonly frameworkId: FrameworkId;
  /** The task's id for a command task. */
  readonly executorId: ExecutorId;
  readonly frameworkUser: string;
  /** As whom the container's own command runs; undefined leaves that to the framework's user. */
  readonly user: string | undefined;
  /** What the command was given, and what the agent adds, which wins. */
  readonly own: Variables;
  readonly added: Variables;
  /** The container ends with the agent's process. */
  readonly endsWithAgent: boolean;
}

/** Undefined for a container that the agent does not have, or in which nothing runs. */
export function surroundingsOf(state: AgentState, containerId: ContainerId): Surroundings | undefined {
  const task = state.containers.get(containerId);
  if (task?.toRun?.command !== undefined) {
    const { command, framework } = task.toRun;
    const { frameworkId, taskId, executorId = ExecutorId(taskId) } = task;
    const { user, environment: own } = command;
    const endsWithAgent = !isCheckpointed(framework);
    return { frameworkId, executorId, frameworkUser: framework.user, user, own, added: taskEnvironment(task), endsWithAgent };
  }
  const executor = state.executorContainers.get(containerId);
  const framework = executor && state.frameworks.get(executor.frameworkId);
  if (executor?.toRun.command === undefined || framework === undefined) return undefined;
  const { frameworkId, executorId, toRun } = executor;
  const { user, environment: own } = toRun.command ?? { user: undefined, environment: [] };
  return {
    frameworkId,
    executorId,
    frameworkUser: framework.info.user,
    user,
    own,
    added: executorEnvironment(state, { executor, framework }),
    endsWithAgent: !isCheckpointed(framework.info),
  };
}
