/**
 * The end of one task, by an operator: as by the KILL of its framework, so with its own grace, TASK_KILLING and TASK_KILLED. Like a KILL it
 * is no entry in the registry. Of a task that is out of reach it is remembered until its agent is back, or the leader changes.
 */

import { excerpt } from "../../../common/excerpt.ts";
import type { Refusal } from "../../../common/result.ts";
import { isTerminal } from "../../../common/task-state.ts";
import { kill } from "../calls/kill.ts";
import type { CallId } from "../input.ts";
import type { Turn } from "../turn.ts";
import type { OperatorCall } from "./operator-call.ts";

type KillTask = Extract<OperatorCall, { readonly kind: "killTask" }>;

export function killTask(turn: Turn, callId: CallId, { frameworkId, taskId, graceMs }: KillTask): Refusal | undefined {
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework === undefined) return missing("framework_id", `of a framework of the cluster, ${excerpt(frameworkId)} is not`);
  const task = framework.tasks.get(taskId) ?? framework.unreachableTasks.get(taskId);
  if (task === undefined) return missing("task_id", `of a task that framework ${frameworkId} runs, ${excerpt(taskId)} is not`);
  if (isTerminal(task.state)) return missing("task_id", `of a task that runs, ${taskId} has ended: ${task.state}`);
  if (framework.tasks.has(taskId)) kill(turn, framework, { kind: "kill", taskId, agentId: task.agentId, graceMs });
  // Nothing is said of it to its framework, which has not asked.
  else task.kill = { graceMs };
  turn.emit({ kind: "operatorReply", callId, response: { kind: "done" } });
  return undefined;
}

function missing(field: string, rule: string): Refusal {
  return { code: "NOT_FOUND", message: `kill_task.${field} must be ${rule}` };
}
