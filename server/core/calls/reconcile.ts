/** RECONCILE: what the master knows of tasks, by the first row that fits. Source: Mesos Master::reconcile. */

import type { AgentId, TaskId } from "../../../common/ids.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Framework, MasterState, Task } from "../state.ts";
import { acknowledgeableState } from "../tasks.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

export interface TaskQuestion {
  readonly taskId: TaskId;
  readonly agentId: AgentId | undefined;
}

interface Answer {
  readonly state: TaskState;
  readonly unreachableAtMs?: number;
}

/** An empty list asks for every task that is not completed and not on an unreachable agent. */
export function reconcile(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "reconcile" }>): void {
  if (call.tasks.length === 0) for (const task of framework.tasks.values()) sendKnown(turn, framework, task);
  else for (const question of call.tasks) reconcileTask(turn, framework, question);
}

export function reconcileTask(turn: Turn, framework: Framework, question: TaskQuestion): void {
  const task = framework.tasks.get(question.taskId);
  if (task !== undefined) {
    sendKnown(turn, framework, task);
    return;
  }
  if (isUndecided(turn.state, question.agentId)) return;
  const answer = answerForUnknown(turn.state, question.agentId);
  sendUpdate(turn, framework, {
    ...question,
    ...answer,
    reason: "REASON_RECONCILIATION",
    message: "Reconciliation: the task is not known",
  });
}

/** Whether the task may yet be reported by an agent that is not back since this master leads. */
function isUndecided(state: MasterState, agentId: AgentId | undefined): boolean {
  return agentId === undefined ? state.recoveredAgents.size > 0 : state.recoveredAgents.has(agentId);
}

function answerForUnknown(state: MasterState, agentId: AgentId | undefined): Answer {
  if (agentId === undefined) return { state: "TASK_UNKNOWN" };
  if (state.agents.has(agentId)) return { state: "TASK_GONE" };
  const unreachable = state.unreachableAgents.get(agentId);
  if (unreachable !== undefined) return { state: "TASK_UNREACHABLE", unreachableAtMs: unreachable.sinceWallMs };
  if (state.goneAgents.has(agentId)) return { state: "TASK_GONE_BY_OPERATOR" };
  return { state: "TASK_UNKNOWN" };
}

function sendKnown(turn: Turn, framework: Framework, task: Task): void {
  const { taskId, agentId, checked } = task;
  const state = acknowledgeableState(task);
  const message = "Reconciliation: latest task state";
  sendUpdate(turn, framework, { taskId, agentId, state, reason: "REASON_RECONCILIATION", message, checked });
}
