/** One line for an event of the cluster. */

import { type Event, Event_Type, type Response_GetState } from "../protos/gen/mesos/v1/master/master.ts";
import { agentStanding, frameworkStanding, taskStateText } from "./cluster-words.ts";

/** Undefined for what is no news: heartbeats, and events that this version does not know. */
export function eventText(event: Event): string | undefined {
  switch (event.type) {
    case Event_Type.SUBSCRIBED:
      return stateText(event.subscribed?.getState);
    case Event_Type.AGENT_ADDED: {
      const agent = event.agentAdded?.agent;
      return agent && `agent ${agent.agentInfo?.id?.value} (${agent.agentInfo?.hostname}) is ${agentStanding(agent)}`;
    }
    case Event_Type.AGENT_REMOVED:
      return `agent ${event.agentRemoved?.agentId?.value} is removed`;
    case Event_Type.FRAMEWORK_ADDED:
    case Event_Type.FRAMEWORK_UPDATED: {
      const framework = event.frameworkAdded?.framework ?? event.frameworkUpdated?.framework;
      const standing = framework && frameworkStanding(framework);
      return `framework ${nameOf(framework?.frameworkInfo)} is ${typeof standing === "object" ? standing.text : standing}`;
    }
    case Event_Type.FRAMEWORK_REMOVED:
      return `framework ${nameOf(event.frameworkRemoved?.frameworkInfo)} has ended`;
    case Event_Type.TASK_ADDED: {
      const task = event.taskAdded?.task;
      return task && `task ${task.taskId?.value} of ${task.frameworkId?.value} on ${task.agentId?.value} is ${taskStateText(task.state)}`;
    }
    case Event_Type.TASK_UPDATED: {
      const { frameworkId, status, state } = event.taskUpdated ?? {};
      const why = status?.message === undefined || status.message === "" ? "" : `: ${status.message}`;
      return state === undefined ? undefined : `task ${status?.taskId?.value} of ${frameworkId?.value} is ${taskStateText(state)}${why}`;
    }
    default:
      return undefined;
  }
}

function stateText(state: Response_GetState | undefined): string {
  const counts = [
    [state?.getAgents?.agents.length ?? 0, "agent"],
    [state?.getFrameworks?.frameworks.length ?? 0, "framework"],
    [state?.getTasks?.tasks.length ?? 0, "task"],
  ] as const;
  return `there are ${counts.map(([count, noun]) => `${count} ${noun}${count === 1 ? "" : "s"}`).join(", ")}; what changes follows`;
}

function nameOf(info: { readonly id?: { readonly value: string } | undefined; readonly name: string } | undefined): string {
  return `${info?.id?.value} (${info?.name})`;
}
