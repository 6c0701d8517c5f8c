/** KILL: passed to the agent, and again when the agent comes back; an unknown task is answered as in a reconciliation. */

import type { Refusal } from "../../../common/result.ts";
import { isTerminal } from "../../../common/task-state.ts";
import { sendToAgent } from "../agents/connection.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";
import { reconcileTask } from "./reconcile.ts";

export function kill(turn: Turn, framework: Framework, call: Extract<SchedulerCall, { kind: "kill" }>): Refusal | undefined {
  const { taskId, agentId, graceMs } = call;
  const task = framework.tasks.get(taskId);
  if (task === undefined) {
    const away = framework.unreachableTasks.get(taskId);
    if (away !== undefined) away.kill = { graceMs };
    reconcileTask(turn, framework, { taskId, agentId });
    return undefined;
  }
  if (agentId !== undefined && agentId !== task.agentId) {
    return { code: "INVALID_ARGUMENT", message: `kill.agent_id must be the agent of the task, ${task.agentId}, is ${agentId}` };
  }
  if (!isTerminal(task.state)) task.kill = { graceMs };
  const agent = turn.state.agents.get(task.agentId);
  if (agent !== undefined) {
    const { partitionAware } = framework.description;
    sendToAgent(turn, agent, { kind: "killTask", frameworkId: framework.frameworkId, taskId, partitionAware, graceMs });
  }
  return undefined;
}
