/** GET_EXECUTORS: the executors that frameworks brought, on registered agents. Those of command tasks are the agents' own. */

import type { Response_GetExecutors } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { MasterState } from "../state.ts";

export function getExecutors(state: MasterState): Response_GetExecutors {
  const executors = [...state.agents.values()].flatMap((agent) =>
    [...agent.executors.values()].map(({ info, agentId }) => ({ executorInfo: info, agentId: { value: agentId } })),
  );
  return { executors, orphanExecutors: [] };
}
