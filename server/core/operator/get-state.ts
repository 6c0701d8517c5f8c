/** GET_STATE: agents, frameworks, executors and tasks in one picture. */

import type { MasterState } from "../state.ts";
import { getAgents } from "./get-agents.ts";
import { getExecutors } from "./get-executors.ts";
import { getFrameworks } from "./get-frameworks.ts";
import { getTasks } from "./get-tasks.ts";
import type { StateSnapshot } from "./snapshot.ts";

export function getState(state: MasterState): StateSnapshot {
  return {
    tasks: getTasks(state),
    executors: getExecutors(state).executors,
    frameworks: getFrameworks(state),
    agents: getAgents(state),
  };
}
