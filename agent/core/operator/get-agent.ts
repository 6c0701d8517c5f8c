/** GET_AGENT: what the core knows of it; the rest of the AgentInfo is the shell's. */

import type { AgentId } from "../../../common/ids.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { Response_GetAgent } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { AgentState } from "../state.ts";

export interface AgentDetails extends Omit<Response_GetAgent, "agentInfo"> {
  readonly agentId: AgentId | undefined;
}

/** The order to drain does not say when it was given: an agent that was restarted meanwhile counts from its start. */
export function getAgent({ agentId, drain, drainStartedWallMs }: AgentState): AgentDetails {
  if (drain === undefined) return { agentId };
  const { maxGraceMs, markGone } = drain;
  return {
    agentId,
    drainConfig: {
      maxGracePeriod: maxGraceMs === undefined ? undefined : { nanoseconds: BigInt(Math.round(maxGraceMs)) * 1_000_000n },
      markGone,
    },
    estimatedDrainStartTime: drainStartedWallMs === undefined ? undefined : toTimeInfo(drainStartedWallMs),
  };
}
