/** SHUTDOWN and MESSAGE: passed to the agent, with no promise. Source: Mesos Master::shutdown and ::message. */

import { sendToAgent } from "../agents/connection.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

/** An unknown agent, or one that is away, does not hear it; nobody is told. */
export function shutdown(turn: Turn, { frameworkId }: Framework, call: Extract<SchedulerCall, { kind: "shutdown" }>): void {
  const agent = turn.state.agents.get(call.agentId);
  if (agent !== undefined) sendToAgent(turn, agent, { kind: "shutdownExecutor", frameworkId, executorId: call.executorId });
}

export function message(turn: Turn, { frameworkId }: Framework, call: Extract<SchedulerCall, { kind: "message" }>): void {
  const agent = turn.state.agents.get(call.agentId);
  const { executorId, data } = call;
  if (agent !== undefined) sendToAgent(turn, agent, { kind: "messageToExecutor", frameworkId, executorId, data });
}
