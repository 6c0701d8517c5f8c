/** The containers of an agent as operators see them. */

import { parentContainerId } from "../../common/container-id.ts";
import { type ContainerId, ExecutorId, type FrameworkId } from "../../common/ids.ts";
import type { Resource } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentState } from "./state.ts";

export interface ContainerSummary {
  readonly containerId: ContainerId;
  /** Of the container around it; undefined for one that stands alone. */
  readonly parentId: ContainerId | undefined;
  readonly frameworkId: FrameworkId;
  /** The task's id for a command task. */
  readonly executorId: ExecutorId;
  /** The task's name for a command task, and for a task in a container of its own within that of its executor. */
  readonly executorName: string;
  /** Of the executor and all of its tasks. */
  readonly resources: readonly Resource[];
}

/** Those whose launch was ordered and whose end is not settled. */
export function summarizeContainers(state: AgentState): readonly ContainerSummary[] {
  const summaries: ContainerSummary[] = [];
  for (const [containerId, { frameworkId, executorId, toRun, tasks }] of state.executorContainers) {
    const ofTasks = [...tasks].flatMap((task) => task.toRun?.info.resources ?? []);
    const { name = "", resources } = toRun.info;
    const summary = { containerId, parentId: undefined, frameworkId, executorId, executorName: name };
    summaries.push({ ...summary, resources: [...resources, ...ofTasks] });
  }
  for (const [containerId, { frameworkId, taskId, executorId = ExecutorId(taskId), toRun }] of state.containers) {
    if (toRun === undefined) continue;
    const { name, resources } = toRun.info;
    summaries.push({ containerId, parentId: parentContainerId(containerId), frameworkId, executorId, executorName: name, resources });
  }
  return summaries;
}
