/** How a state is told to frameworks while an operator drains the agent. */

import type { TaskState } from "../../common/task-state.ts";
import type { StatusReason } from "../../common/task-status.ts";
import { isPartitionAware } from "./framework-traits.ts";
import type { AgentState, Task } from "./state.ts";

interface Told {
  readonly state: TaskState;
  readonly reason?: StatusReason | undefined;
}

/**
 * What the framework is told while the agent drains: that the drain is why the task ends, and, when the agent will be gone, that the
 * operator took it away. Only the end is put that way: a task that is being killed still runs.
 */
export function toldState(
  { drain: order, frameworks }: AgentState,
  { frameworkId }: Pick<Task, "frameworkId">,
  { state, reason }: Told,
): Told {
  if (order === undefined || (state !== "TASK_KILLED" && state !== "TASK_KILLING")) return { state, reason };
  const framework = frameworks.get(frameworkId);
  const isGone = order.markGone && state === "TASK_KILLED" && framework !== undefined && isPartitionAware(framework.info);
  return { state: isGone ? "TASK_GONE_BY_OPERATOR" : state, reason: "REASON_AGENT_DRAINING" };
}
