/**
 * Operations that frameworks want to hear the end of: in the books from the ACCEPT until the end is acknowledged. Operations change
 * the master's view at once; the agent's word, at a registration or as an update, is what counts. Source: Mesos Master::updateOperation.
 */

import type { AgentId, FrameworkId, OperationId } from "../../common/ids.ts";
import { isOperationOver, type OperationState, type OperationStatus } from "../../common/operation-status.ts";
import type { ResourceOperation } from "../../common/resource-operations.ts";
import type { AgentHoldings, AgentToMaster, FrameworkOperationKey, OperationKey } from "./agent-message.ts";
import { refuseImpostor, sendToAgent } from "./agents/connection.ts";
import { settleResourceOrder } from "./resource-orders.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Agent, Framework, Link, MasterState, Operation } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Puts an operation into the books that waits for its agent, or that the agent reported. */
export function addOperation(
  state: MasterState,
  agent: Agent,
  { key, status, operation: change }: { key: FrameworkOperationKey; status: OperationStatus; operation?: ResourceOperation },
): void {
  const framework = state.frameworks.get(key.frameworkId);
  if (framework === undefined) return;
  const known = framework.operations.get(key.uuid);
  if (known !== undefined) {
    known.status = status;
    return;
  }
  const operation: Operation = { key, agentId: agent.agentId, operation: change, status };
  framework.operations.set(key.uuid, operation);
  agent.operations.add(operation);
}

/** Says something of an operation that only the master knows: no uuid, never retried. */
export function sendOperationStatus(
  turn: Turn,
  framework: Framework,
  {
    operationId,
    agentId,
    state,
    message,
  }: { operationId: OperationId; agentId: AgentId | undefined; state: OperationState; message: string },
): void {
  const status: OperationStatus = { operationId, state, message, converted: [], uuid: undefined, agentId };
  sendEvent(turn, framework, { kind: "operationUpdate", status });
}

/** The agent says how an operation ended. What nobody waits for the master acknowledges itself. */
export function receiveOperationUpdate(turn: Turn, link: Link, update: Extract<AgentToMaster, { kind: "operationUpdate" }>): void {
  const { state } = turn;
  const { key, status } = update;
  const agent = link.agentId === undefined ? undefined : state.agents.get(link.agentId);
  if (agent === undefined) return;
  if (status.agentId !== agent.agentId) {
    refuseImpostor(turn, link, { field: "operation_update.status.agent_id", agentId: status.agentId ?? "absent" });
    return;
  }
  const { frameworkId } = key;
  const framework = frameworkId === undefined ? undefined : state.frameworks.get(frameworkId);
  const isNobodys = key.operationId === undefined || frameworkId === undefined || state.retiredFrameworks.has(frameworkId);
  if (isNobodys) {
    if (status.uuid !== undefined) sendToAgent(turn, agent, { kind: "acknowledgeOperation", uuid: key.uuid, statusUuid: status.uuid });
    settleResourceOrder(turn, agent, update);
    return;
  }
  if (framework === undefined) return;
  // Of an operation of another agent it knows nothing.
  if ((framework.operations.get(key.uuid)?.agentId ?? agent.agentId) !== agent.agentId) return;
  addOperation(state, agent, { key: { ...key, frameworkId }, status });
  sendEvent(turn, framework, { kind: "operationUpdate", status });
}

/**
 * What an agent that came back has not heard of, of the operations that were sent to it. An end that it told once and does not list
 * any more was acknowledged: its retry crossed the acknowledgement and put the operation into the books again.
 */
export function takeBackOperations(state: MasterState, agent: Agent, holdings: AgentHoldings | undefined): OperationKey[] {
  const reported = new Set(holdings?.operations.map(({ key }) => key.uuid));
  const missing: OperationKey[] = [];
  for (const operation of [...agent.operations]) {
    const { key, status } = operation;
    if (reported.has(key.uuid)) continue;
    if (!isOperationOver(status.state)) missing.push(key);
    else {
      state.frameworks.get(key.frameworkId)?.operations.delete(key.uuid);
      agent.operations.delete(operation);
    }
  }
  for (const { key, status } of holdings?.operations ?? []) {
    const { frameworkId, operationId } = key;
    if (operationId !== undefined && frameworkId !== undefined) addOperation(state, agent, { key: { ...key, frameworkId }, status });
  }
  return missing;
}

/** The agent left, for good or perhaps not: frameworks that wait for an operation on it hear so. */
export function dropOperations(turn: Turn, agent: Agent, state: "OPERATION_UNREACHABLE" | "OPERATION_GONE_BY_OPERATOR"): void {
  for (const operation of agent.operations) {
    const { operationId, frameworkId } = operation.key;
    const framework = turn.state.frameworks.get(frameworkId);
    framework?.operations.delete(operation.key.uuid);
    if (framework === undefined || operationId === undefined || isOperationOver(operation.status.state)) continue;
    const { agentId } = agent;
    const message = state === "OPERATION_UNREACHABLE" ? `Agent ${agentId} is unreachable` : `Agent ${agentId} unregistered`;
    sendOperationStatus(turn, framework, { operationId, agentId, state, message });
  }
  agent.operations.clear();
}

/** The framework has ended: nobody waits any more. */
export function forgetOperations(state: MasterState, framework: Framework): void {
  for (const operation of framework.operations.values()) removeOperation(state, framework, operation);
}

export function removeOperation(state: MasterState, framework: Framework, operation: Operation): void {
  framework.operations.delete(operation.key.uuid);
  state.agents.get(operation.agentId)?.operations.delete(operation);
  state.drainChecks.add(operation.agentId);
}

/** Frameworks of which the agent reports operations, and which are over. */
export function endedFrameworksOf(state: MasterState, holdings: AgentHoldings | undefined): FrameworkId[] {
  const ids = (holdings?.operations ?? []).flatMap(({ key }) => key.frameworkId ?? []);
  return ids.filter((frameworkId) => state.retiredFrameworks.has(frameworkId));
}
