/** Updates that agents send: forwarded to the framework, and taken into the books. Source: Mesos Master::statusUpdate. */

import type { AgentToMaster } from "./agent-message.ts";
import { refuseImpostor } from "./agents/connection.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Link } from "./state.ts";
import { moveTask } from "./tasks.ts";
import type { Turn } from "./turn.ts";
import { noteTask } from "./watch.ts";

/** An update of an agent that is not registered on this link is dropped. One that cannot be forwarded now is sent again by the agent. */
export function receiveStatusUpdate(turn: Turn, link: Link, update: Extract<AgentToMaster, { kind: "statusUpdate" }>): void {
  const { state } = turn;
  const agent = link.agentId === undefined ? undefined : state.agents.get(link.agentId);
  const framework = state.frameworks.get(update.frameworkId);
  const toldAgentId = update.status.agentId?.value;
  if (agent !== undefined && toldAgentId !== agent.agentId) {
    refuseImpostor(turn, link, { field: "update.status.agent_id", agentId: toldAgentId ?? "absent" });
    return;
  }
  if (agent === undefined || framework === undefined) return;
  const isForwarded = sendEvent(turn, framework, { kind: "forwardUpdate", status: update.status });
  const task = framework.tasks.get(update.taskId);
  if (task?.agentId !== agent.agentId) return;
  // The newest state that the agent knows may be ahead of the update; resources of an ended task are free at once.
  const isNews = task.state !== update.latestState || (isForwarded && task.statusUpdateUuid !== update.uuid);
  moveTask(state, task, update.latestState);
  const { healthy, checkStatus } = update.status;
  if (healthy !== undefined || checkStatus !== undefined) task.checked = { healthy, checkStatus };
  if (isNews) noteTask(state, task, update.status);
  if (!isForwarded) return;
  task.statusUpdateState = update.state;
  task.statusUpdateUuid = update.uuid;
}
