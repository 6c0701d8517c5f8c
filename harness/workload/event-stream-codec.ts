/** Events of the operators' stream, from bytes to the history's form. */

import {
  Event,
  Event_Type as EventType,
  type Response_GetAgents_Agent,
  type Response_GetFrameworks_Framework,
  type Response_GetState,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { type Task, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ReadAgentJson, ReaderEventJson, ReadFrameworkJson, ReadTaskJson } from "../history/reader-json.ts";

const stateNames: ReadonlyMap<number, string> = new Map(Object.entries(TaskState).map(([name, number]) => [number, name]));

/** Undefined for a heartbeat, and for what this reader does not know. */
export function decodeReaderEvent(bytes: Uint8Array): ReaderEventJson | undefined {
  const { type, subscribed, taskAdded, taskUpdated, agentAdded, agentRemoved, ...frameworks } = Event.decode(bytes);
  switch (type) {
    case EventType.SUBSCRIBED:
      return toState(subscribed?.getState);
    case EventType.TASK_ADDED:
      return taskAdded?.task === undefined ? undefined : { kind: "taskAdded", task: toTask(taskAdded.task) };
    case EventType.TASK_UPDATED: {
      const { frameworkId, status, state = 0 } = taskUpdated ?? {};
      return { kind: "taskUpdated", task: toTask({ frameworkId, taskId: status?.taskId, state }) };
    }
    case EventType.AGENT_ADDED:
      return agentAdded?.agent === undefined ? undefined : { kind: "agentAdded", agent: toAgent(agentAdded.agent) };
    case EventType.AGENT_REMOVED:
      return { kind: "agentRemoved", agentId: agentRemoved?.agentId?.value ?? "" };
    case EventType.FRAMEWORK_ADDED:
      return toFrameworkEvent("frameworkAdded", frameworks.frameworkAdded?.framework);
    case EventType.FRAMEWORK_UPDATED:
      return toFrameworkEvent("frameworkUpdated", frameworks.frameworkUpdated?.framework);
    case EventType.FRAMEWORK_REMOVED:
      return { kind: "frameworkRemoved", frameworkId: frameworks.frameworkRemoved?.frameworkInfo?.id?.value ?? "" };
    default:
      return undefined;
  }
}

function toState(state: Response_GetState | undefined): ReaderEventJson {
  const { tasks = [], unreachableTasks = [], completedTasks = [] } = state?.getTasks ?? {};
  const { agents = [], recoveredAgents = [] } = state?.getAgents ?? {};
  return {
    kind: "subscribed",
    agents: agents.map(toAgent),
    awaitedAgentIds: recoveredAgents.map(({ id }) => id?.value ?? ""),
    tasks: [...completedTasks, ...unreachableTasks, ...tasks].map(toTask),
    frameworks: (state?.getFrameworks?.frameworks ?? []).map(toFramework),
  };
}

function toTask({ frameworkId, taskId, state }: Pick<Task, "frameworkId" | "taskId" | "state">): ReadTaskJson {
  return { frameworkId: frameworkId?.value ?? "", taskId: taskId?.value ?? "", state: stateNames.get(state) ?? `state ${state}` };
}

function toAgent({ agentInfo, active, deactivated = false }: Response_GetAgents_Agent): ReadAgentJson {
  return { agentId: agentInfo?.id?.value ?? "", active, deactivated };
}

function toFramework({ frameworkInfo, connected }: Response_GetFrameworks_Framework): ReadFrameworkJson {
  return { frameworkId: frameworkInfo?.id?.value ?? "", connected };
}

function toFrameworkEvent(
  kind: "frameworkAdded" | "frameworkUpdated",
  framework: Response_GetFrameworks_Framework | undefined,
): ReaderEventJson | undefined {
  return framework === undefined ? undefined : { kind, framework: toFramework(framework) };
}
