/** ACKNOWLEDGE_OPERATION_STATUS and RECONCILE_OPERATIONS. Source: Mesos Master::acknowledgeOperationStatus and reconcileOperations. */

import type { AgentId } from "../../../common/ids.ts";
import { isOperationOver, type OperationState } from "../../../common/operation-status.ts";
import { sendToAgent } from "../agents/connection.ts";
import { removeOperation, sendOperationStatus } from "../operations.ts";
import { sendEvent } from "../scheduler-events.ts";
import type { Framework, MasterState, Operation } from "../state.ts";
import type { Turn } from "../turn.ts";
import type { SchedulerCall } from "./call.ts";

type Call<Kind extends SchedulerCall["kind"]> = Extract<SchedulerCall, { kind: Kind }>;

/** Nothing happens for an operation or a status that is not known, or an agent that is not connected: the agent will say it again. */
export function acknowledgeOperation(turn: Turn, framework: Framework, call: Call<"acknowledgeOperation">): void {
  const agent = turn.state.agents.get(call.agentId);
  if (agent?.linkId === undefined) return;
  for (const operation of agent.operations) {
    const { key, status } = operation;
    if (key.frameworkId !== framework.frameworkId || key.operationId !== call.operationId || status.uuid !== call.uuid) continue;
    sendToAgent(turn, agent, { kind: "acknowledgeOperation", uuid: key.uuid, statusUuid: call.uuid });
    if (isOperationOver(status.state)) removeOperation(turn.state, framework, operation);
    return;
  }
}

/** Each is answered by an event without a uuid. An empty list asks for all that the master knows. */
export function reconcileOperations(turn: Turn, framework: Framework, call: Call<"reconcileOperations">): void {
  if (call.operations.length === 0) {
    for (const operation of framework.operations.values()) sendKnown(turn, framework, operation);
    return;
  }
  const known = new Map([...framework.operations.values()].map((operation) => [operation.key.operationId, operation]));
  for (const { operationId, agentId } of call.operations) {
    const operation = known.get(operationId);
    if (operation !== undefined) sendKnown(turn, framework, operation);
    else {
      const state = stateOfUnknown(turn.state, agentId);
      sendOperationStatus(turn, framework, { operationId, agentId, state, message: "Reconciliation: the operation is not known" });
    }
  }
}

function sendKnown(turn: Turn, framework: Framework, { status }: Operation): void {
  sendEvent(turn, framework, { kind: "operationUpdate", status: { ...status, uuid: undefined } });
}

function stateOfUnknown(state: MasterState, agentId: AgentId | undefined): OperationState {
  if (agentId === undefined) return state.recoveredAgents.size > 0 ? "OPERATION_RECOVERING" : "OPERATION_UNKNOWN";
  if (state.recoveredAgents.has(agentId)) return "OPERATION_RECOVERING";
  if (state.unreachableAgents.has(agentId)) return "OPERATION_UNREACHABLE";
  return state.removedAgents.has(agentId) || state.goneAgents.has(agentId) ? "OPERATION_GONE_BY_OPERATOR" : "OPERATION_UNKNOWN";
}
