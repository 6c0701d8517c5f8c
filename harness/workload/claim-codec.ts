/** An impostor's claims from the history's form to bytes, and the master's answers back. */

import { encodeMessage } from "../../common/encode-message.ts";
import { Uuid, uuidToBytes } from "../../common/ids.ts";
import { OperationState, TaskState, TaskStatus_Reason, TaskStatus_Source } from "../../protos/gen/mesos/v1/mesos.ts";
import { type AgentMessage, AgentMessages, MasterMessages } from "../../protos/gen/tepui/v1/agent_link.ts";
import type { ClaimAnswer, ClaimJson } from "../history/claim-json.ts";
import { fromResourceJson } from "../history/resource-json.ts";

/** One flush, as an agent sends it. */
export function encodeClaims(agentId: string, claims: readonly ClaimJson[]): Uint8Array {
  return encodeMessage(AgentMessages, { messages: claims.map((claim) => ({ message: toMessage(agentId, claim) })) });
}

/** What a master said in one flush. */
export function readAnswers(bytes: Uint8Array): readonly { readonly answer: ClaimAnswer; readonly detail: string }[] {
  return MasterMessages.decode(bytes).messages.map(({ message }) => {
    switch (message?.$case) {
      case "refuse":
        return { answer: "refuse", detail: message.refuse.reason ?? "" };
      case "registered":
        return { answer: "registered", detail: message.registered.agentId?.value ?? "" };
      case "reregistered":
        return { answer: "reregistered", detail: message.reregistered.agentId?.value ?? "" };
      case "unregistered":
        return { answer: "unregistered", detail: message.unregistered.agentId?.value ?? "" };
      default:
        return { answer: "other", detail: message?.$case ?? "nothing" };
    }
  });
}

const resources = [
  { name: "cpus", milli: 64_000 },
  { name: "mem", milli: 64_000_000 },
].map(fromResourceJson);

function toMessage(agentId: string, claim: ClaimJson): AgentMessage["message"] {
  const id = { value: agentId };
  switch (claim.kind) {
    case "unregister":
      return {
        $case: "unregister",
        unregister: { agentId: id, alive: [], credential: claim.credential === undefined ? undefined : toBytes(claim.credential) },
      };
    case "reregister": {
      const info = { hostname: claim.hostname, port: 6_051, id, resources, attributes: [] };
      const rest = { linkVersion: 1, version: "an impostor", frameworks: [], tasks: [], executors: [], capabilities: [] };
      return { $case: "reregister", reregister: { ...rest, info, credential: toBytes(claim.credential) } };
    }
    case "leaving":
      return { $case: "leaving", leaving: { agentId: id } };
    case "update": {
      const status = {
        taskId: { value: claim.taskId },
        agentId: id,
        state: TaskState.TASK_FINISHED,
        source: TaskStatus_Source.SOURCE_EXECUTOR,
        reason: TaskStatus_Reason.REASON_TASK_KILLED_DURING_LAUNCH,
        message: "said by an impostor",
        uuid: toBytes(claim.uuid),
      };
      return { $case: "update", update: { frameworkId: { value: claim.frameworkId }, status, latestState: TaskState.TASK_FINISHED } };
    }
    case "operationUpdate": {
      const operationId = { value: claim.operationId };
      const uuid = { value: toBytes(claim.uuid) };
      const key = { uuid: toBytes(claim.uuid), frameworkId: { value: claim.frameworkId }, operationId };
      const status = { operationId, state: OperationState.OPERATION_FAILED, convertedResources: [], uuid, agentId: id };
      return { $case: "operationUpdate", operationUpdate: { key, status } };
    }
    case "exitedExecutor": {
      const { frameworkId, executorId, status } = claim;
      return {
        $case: "exitedExecutor",
        exitedExecutor: { frameworkId: { value: frameworkId }, executorId: { value: executorId }, status },
      };
    }
    case "executorMessage": {
      const { frameworkId, executorId, data } = claim;
      const key = { frameworkId: { value: frameworkId }, executorId: { value: executorId } };
      return { $case: "executorMessage", executorMessage: { ...key, data: new TextEncoder().encode(data) } };
    }
    case "pong":
      return { $case: "pong", pong: { number: 1n } };
  }
}

function toBytes(hex: string): Uint8Array {
  return uuidToBytes(Uuid(hex));
}
