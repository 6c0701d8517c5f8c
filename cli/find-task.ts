/** Which task, or whose tasks, a person means. */

import type { Response_GetState } from "../protos/gen/mesos/v1/master/master.ts";
import type { Task } from "../protos/gen/mesos/v1/mesos.ts";
import { findOne } from "./find-one.ts";

/** Each by its id, the end of it, or its name. */
export interface TaskFilter {
  readonly framework?: string;
  readonly agent?: string;
}

/** Throws NotSoError. A task that still runs is meant rather than one of the same id that ended. */
export function findTask(state: Response_GetState, text: string, options: TaskFilter): Task {
  const belongs = taskFilter(state, options);
  const { tasks = [], unreachableTasks = [], completedTasks = [] } = state.getTasks ?? {};
  const toCandidate = (task: Task) => ({ id: task.taskId?.value ?? "", name: task.name, value: task });
  const live = [...tasks, ...unreachableTasks].filter(belongs).map(toCandidate);
  const isLive = live.some(({ id, name }) => id === text || name === text);
  const candidates = isLive ? live : completedTasks.filter(belongs).map(toCandidate);
  return findOne("task", text, candidates).value;
}

/** Which tasks are meant. Throws NotSoError for a framework or an agent that is not there. */
export function taskFilter(state: Response_GetState, { framework, agent }: TaskFilter): (task: Task) => boolean {
  const frameworkId = framework === undefined ? undefined : findOne("framework", framework, frameworksOf(state)).id;
  const agentId = agent === undefined ? undefined : findOne("agent", agent, agentsOf(state)).id;
  return (task) =>
    (frameworkId === undefined || task.frameworkId?.value === frameworkId) && (agentId === undefined || task.agentId?.value === agentId);
}

export function frameworksOf({ getFrameworks }: Response_GetState) {
  const all = [...(getFrameworks?.frameworks ?? []), ...(getFrameworks?.completedFrameworks ?? [])];
  return all.map(({ frameworkInfo }) => ({ id: frameworkInfo?.id?.value ?? "", name: frameworkInfo?.name, value: frameworkInfo }));
}

export function agentsOf({ getAgents }: Response_GetState) {
  const infos = [...(getAgents?.agents ?? []).map(({ agentInfo }) => agentInfo), ...(getAgents?.recoveredAgents ?? [])];
  return infos.map((info) => ({ id: info?.id?.value ?? "", name: info?.hostname, value: info }));
}
