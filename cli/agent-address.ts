/** Where the agent of a task answers operators. */

import type { Response_GetAgents } from "../protos/gen/mesos/v1/master/master.ts";
import { NotSoError } from "./operator-command.ts";

/** host:port. Throws NotSoError when the agent is not there to be asked. */
export function agentAddress(agents: Response_GetAgents | undefined, agentId: string): string {
  const agent = agents?.agents.find(({ agentInfo }) => agentInfo?.id?.value === agentId);
  // "slave@10.0.0.1:6051".
  const address = agent?.pid?.slice(agent.pid.indexOf("@") + 1);
  if (agent === undefined || address === undefined)
    throw new NotSoError(`agent ${agentId}, where the task's output is, is not registered now\n\`tepui agent list\` shows those that are.`);
  return address;
}
