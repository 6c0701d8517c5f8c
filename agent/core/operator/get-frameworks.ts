/** GET_FRAMEWORKS: those that have something on the agent, and the last ones that had. */

import type { Response_GetFrameworks } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { AgentState } from "../state.ts";

export function getFrameworks({ frameworks, history }: AgentState): Response_GetFrameworks {
  return {
    frameworks: [...frameworks.values()].map(({ info }) => ({ frameworkInfo: info })),
    completedFrameworks: [...history.frameworks.values()].map((info) => ({ frameworkInfo: info })),
  };
}
