/** Telling schedulers. Events for a framework that is not connected are dropped, as Mesos does; it reconciles when it is back. */

import type { AgentId, TaskId } from "../../common/ids.ts";
import { stateForFramework, type TaskState } from "../../common/task-state.ts";
import type { Checked, StatusReason, TaskStatus } from "../../common/task-status.ts";
import type { SchedulerEvent } from "./event.ts";
import type { Framework } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What the master says of a task by itself: no uuid, never retried, not to be acknowledged. */
export interface MasterUpdate {
  readonly taskId: TaskId;
  readonly agentId: AgentId | undefined;
  /** As a partition-aware framework hears it; others hear TASK_LOST for the finer states. */
  readonly state: TaskState;
  readonly reason: StatusReason;
  readonly message?: string | undefined;
  readonly unreachableAtMs?: number | undefined;
  /** What the checks of the task found last. */
  readonly checked?: Checked | undefined;
}

/** Whether the event was sent. */
export function sendEvent(turn: Turn, framework: Framework, event: SchedulerEvent): boolean {
  if (framework.connection.kind !== "connected") return false;
  turn.emit({ kind: "sendToScheduler", streamId: framework.connection.streamId, event });
  return true;
}

export function sendUpdate(turn: Turn, framework: Framework, update: MasterUpdate): void {
  const status: TaskStatus = {
    taskId: update.taskId,
    agentId: update.agentId,
    state: stateForFramework(update.state, framework.description.partitionAware),
    source: "SOURCE_MASTER",
    reason: update.reason,
    message: update.message,
    timestampMs: turn.wallMs,
    unreachableAtMs: update.unreachableAtMs,
    extra: update.checked,
  };
  sendEvent(turn, framework, { kind: "update", status });
}

/** Tells every connected framework that an agent is gone from the cluster. */
export function broadcastAgentFailure(turn: Turn, agentId: AgentId): void {
  for (const framework of turn.state.frameworks.values()) {
    sendEvent(turn, framework, { kind: "failure", agentId, executorId: undefined, status: undefined });
  }
}
