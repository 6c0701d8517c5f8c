/** GET_STATE: agents, frameworks and tasks in one picture. Executors are the agent's own in tepui, so the master knows none. */

import type { Response_GetState } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MasterState } from "../state.ts";
import { getAgents } from "./get-agents.ts";
import { getFrameworks } from "./get-frameworks.ts";
import { getTasks } from "./get-tasks.ts";

export function getState(state: MasterState): Response_GetState {
  return {
    getTasks: getTasks(state),
    getExecutors: { executors: [], orphanExecutors: [] },
    getFrameworks: getFrameworks(state),
    getAgents: getAgents(state),
  };
}
