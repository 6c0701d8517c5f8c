/** Answers to operators as messages, and not as what these are made of later. */

import type {
  Response_GetAgents,
  Response_GetFrameworks,
  Response_GetState,
  Response_GetTasks,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import type { OperatorResponse } from "../../../server/core/operator/operator-call.ts";
import {
  type AgentsSnapshot,
  type FrameworksSnapshot,
  type StateSnapshot,
  type TasksSnapshot,
  toWholeFramework,
} from "../../../server/core/operator/snapshot.ts";

/** An answer with its messages. */
export type PlainResponse =
  | Exclude<OperatorResponse, { kind: "getState" | "getTasks" | "getAgents" | "getFrameworks" }>
  | { readonly kind: "getState"; readonly state: Response_GetState; readonly term: number; readonly registryVersion: number }
  | { readonly kind: "getTasks"; readonly tasks: Response_GetTasks }
  | { readonly kind: "getAgents"; readonly agents: Response_GetAgents }
  | { readonly kind: "getFrameworks"; readonly frameworks: Response_GetFrameworks };

export function toPlainResponse(response: OperatorResponse): PlainResponse {
  switch (response.kind) {
    case "getState":
      return { ...response, state: toGetState(response.state) };
    case "getTasks":
      return { ...response, tasks: toGetTasks(response.tasks) };
    case "getAgents":
      return { ...response, agents: toGetAgents(response.agents) };
    case "getFrameworks":
      return { ...response, frameworks: toGetFrameworks(response.frameworks) };
    default:
      return response;
  }
}

function toGetState({ tasks, executors, frameworks, agents }: StateSnapshot): Response_GetState {
  return {
    getTasks: toGetTasks(tasks),
    getExecutors: { executors: [...executors], orphanExecutors: [] },
    getFrameworks: toGetFrameworks(frameworks),
    getAgents: toGetAgents(agents),
  };
}

function toGetTasks({ tasks, unreachableTasks, completedTasks }: TasksSnapshot): Response_GetTasks {
  const [known, unreachable, completed] = [tasks, unreachableTasks, completedTasks].map((list) =>
    Array.from({ length: list.length }, (_, index) => list.messageOf(index)),
  );
  return {
    pendingTasks: [],
    tasks: known ?? [],
    unreachableTasks: unreachable ?? [],
    completedTasks: completed ?? [],
    orphanTasks: [],
  };
}

function toGetAgents({ agents, recoveredAgents }: AgentsSnapshot): Response_GetAgents {
  return { agents: agents.map((agent) => agent()), recoveredAgents: [...recoveredAgents] };
}

function toGetFrameworks({ frameworks, completedFrameworks }: FrameworksSnapshot): Response_GetFrameworks {
  return {
    frameworks: frameworks.map(toWholeFramework),
    completedFrameworks: completedFrameworks.map((framework) => framework()),
    recoveredFrameworks: [],
  };
}
