/** GET_EXECUTORS: those that frameworks brought, and the last ones that ended. Those of command tasks are the agent's own. */

import type { Response_GetExecutors } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { ExecutorInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentState } from "../state.ts";

export function getExecutors({ executors, history }: AgentState): Response_GetExecutors {
  const wrap = (executorInfo: ExecutorInfo): { executorInfo: ExecutorInfo } => ({ executorInfo });
  return {
    executors: [...executors.values()].map(({ toRun }) => wrap(toRun.info)),
    completedExecutors: history.executors.toArray().map(wrap),
  };
}
