/**
 * What frameworks without checkpoint have on an agent that lost its link. The agent keeps no record of it, and whether its process still
 * lives cannot be known, so the tasks are lost at once: the registry knows first, then the frameworks hear. An agent that only lost its
 * link brings the tasks back, and is told to end them. Source: Mesos Master::_exited, "not checkpointing".
 */

import { isTerminal } from "../../../common/task-state.ts";
import type { TaskKey } from "../agent-message.ts";
import { removeExecutor } from "../executors.ts";
import { propose } from "../registrar.ts";
import type { RegistryOp } from "../registry-op.ts";
import { sendUpdate } from "../scheduler-events.ts";
import type { Agent, Framework } from "../state.ts";
import { completeTask, moveTask, moveToUnreachable } from "../tasks.ts";
import { log, type Turn } from "../turn.ts";

/** Whether agents keep what the framework has on them, so that it outlives their process. */
export function isCheckpointed({ description }: Framework): boolean {
  return description.info.checkpoint === true;
}

/** Gives everything up that the agent does not keep. Nothing is said before that is durable. */
export function abandonTasks(turn: Turn, agent: Agent): void {
  const { state } = turn;
  const { agentId } = agent;
  // Whatever is being written about the agent speaks for all of its tasks.
  if (state.agentChanges.has(agentId)) return;
  const isKept = (frameworkId: TaskKey["frameworkId"]): boolean => {
    const framework = state.frameworks.get(frameworkId);
    return framework === undefined || isCheckpointed(framework);
  };
  const executors = [...agent.executors.values()].filter(({ frameworkId }) => !isKept(frameworkId));
  const tasks = [...agent.tasks].filter(({ frameworkId }) => !isKept(frameworkId));
  if (executors.length === 0 && tasks.length === 0) return;
  const lost: TaskKey[] = [];
  for (const task of tasks) {
    const framework = state.frameworks.get(task.frameworkId);
    if (framework === undefined) continue;
    // The framework was sent the end already; it stays the end.
    if (task.statusUpdateState !== undefined && isTerminal(task.statusUpdateState)) {
      completeTask(state, framework, task);
      continue;
    }
    if (!task.isAnnouncedLost) lost.push({ frameworkId: task.frameworkId, taskId: task.taskId });
    task.isAnnouncedLost = true;
    moveTask(state, task, "TASK_LOST");
    moveToUnreachable(state, framework, task);
  }
  for (const executor of executors) removeExecutor(state, executor);
  log(turn, "tasks without checkpoint given up", { agentId, tasks: lost.length, executors: executors.length });
  state.abandonedAgents.add(agentId);
  propose(turn, { kind: "abandonTasks", agentId, agent: agent.description, tasks: lost });
}

/** The loss is durable: a later leader ends the tasks, too, when the agent is back. */
export function tasksAbandoned(turn: Turn, { agentId, tasks }: Extract<RegistryOp, { kind: "abandonTasks" }>): void {
  for (const { frameworkId, taskId } of tasks) {
    const framework = turn.state.frameworks.get(frameworkId);
    if (framework === undefined) continue;
    const message = `Agent ${agentId} is disconnected, and the framework does not checkpoint`;
    sendUpdate(turn, framework, { taskId, agentId, state: "TASK_LOST", reason: "REASON_AGENT_DISCONNECTED", message });
  }
}
