/** SHUTDOWN and MESSAGE: passed to the agent, with no promise. Source: Mesos Master::shutdown and ::message. */

import type { Refusal } from "../../../common/result.ts";
import type { ExecutorInfo_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { sendToAgent } from "../agents/connection.ts";
import { findExecutor } from "../executors.ts";
import type { Framework } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

const defaultType: typeof ExecutorInfo_Type.DEFAULT = 1;

/** An unknown agent, or one that is away, does not hear it; nobody is told. */
export function shutdown(turn: Turn, { frameworkId }: Framework, call: Extract<SchedulerCall, { kind: "shutdown" }>): void {
  const agent = turn.state.agents.get(call.agentId);
  if (agent !== undefined) sendToAgent(turn, agent, { kind: "shutdownExecutor", frameworkId, executorId: call.executorId });
}

/** Refused for an executor that surely has no ear for it. */
export function message(turn: Turn, { frameworkId }: Framework, call: Extract<SchedulerCall, { kind: "message" }>): Refusal | undefined {
  const agent = turn.state.agents.get(call.agentId);
  const { executorId, data } = call;
  if (agent === undefined) return undefined;
  if (findExecutor(agent, frameworkId, executorId)?.info.type === defaultType) {
    return {
      code: "INVALID_ARGUMENT",
      message: `message.executor_id must not be of a default executor, which takes no messages, is ${executorId}`,
    };
  }
  sendToAgent(turn, agent, { kind: "messageToExecutor", frameworkId, executorId, data });
  return undefined;
}
