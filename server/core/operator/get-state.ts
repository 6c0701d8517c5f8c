/** GET_STATE: agents, frameworks, executors and tasks in one picture. */

import type { Response_GetState } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MasterState } from "../state.ts";
import { getAgents } from "./get-agents.ts";
import { getExecutors } from "./get-executors.ts";
import { getFrameworks } from "./get-frameworks.ts";
import { getTasks } from "./get-tasks.ts";

export function getState(state: MasterState): Response_GetState {
  return {
    getTasks: getTasks(state),
    getExecutors: getExecutors(state),
    getFrameworks: getFrameworks(state),
    getAgents: getAgents(state),
  };
}
