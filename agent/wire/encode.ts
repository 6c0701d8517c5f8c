/** What the agent says to its master, as bytes of AgentLink. */

import { encodeMessage } from "../../common/encode-message.ts";
import { type AgentId, uuidToBytes } from "../../common/ids.ts";
import { writeOperationStatus } from "../../common/mesos-operation-status.ts";
import { writeResources } from "../../common/mesos-resources.ts";
import { writeTaskState, writeTaskStatus } from "../../common/mesos-task-status.ts";
import { type AgentInfo, type AgentInfo_Capability_Type, Task } from "../../protos/gen/mesos/v1/mesos.ts";
import {
  type AgentMessage,
  AgentMessages,
  type Holdings as HoldingsMessage,
  type OperationUpdate as OperationUpdateMessage,
  type UnregisterAgent,
} from "../../protos/gen/tepui/v1/agent_link.ts";
import type { AgentToMaster, Holdings, OperationUpdate, ReportedTask, TaskKey } from "../core/master-message.ts";

/** The version of AgentLink that this agent speaks. */
export const linkVersion = 1;

/** What an agent says of itself at each registration. */
export interface AgentSelf {
  /** Hostname, port, resources and attributes; the id is filled in. */
  readonly info: AgentInfo;
  /** Of tepui, for people. */
  readonly version: string;
  readonly capabilities: readonly AgentInfo_Capability_Type[];
}

/** One flush of messages, in order. */
export function encodeAgentMessages(messages: readonly AgentToMaster[], self: AgentSelf): Uint8Array {
  return encodeMessage(AgentMessages, { messages: messages.map((message) => ({ message: toWire(message, self) })) });
}

function toWire(message: AgentToMaster, self: AgentSelf): AgentMessage["message"] {
  const { info, version } = self;
  switch (message.kind) {
    case "register":
      return {
        $case: "register",
        register: {
          linkVersion,
          info,
          version,
          capabilities: self.capabilities.map((type) => ({ type })),
          credential: uuidToBytes(message.credential),
          holdings: toWireHoldings(message.holdings),
        },
      };
    case "reregister":
      return {
        $case: "reregister",
        reregister: {
          linkVersion,
          info: { ...info, id: { value: message.agentId } },
          version,
          capabilities: self.capabilities.map((type) => ({ type })),
          credential: uuidToBytes(message.credential),
          frameworks: [...message.frameworks],
          executors: [...message.executors],
          tasks: message.tasks.map((task) => toWireTask(task, message.agentId)),
          holdings: toWireHoldings(message.holdings),
        },
      };
    case "leaving":
      return { $case: "leaving", leaving: { agentId: { value: message.agentId } } };
    case "unregister":
      return { $case: "unregister", unregister: toWireUnregister(message) };
    case "statusUpdate": {
      const { frameworkId, status, latestState } = message;
      const update = { frameworkId: { value: frameworkId }, status: writeTaskStatus(status), latestState: writeTaskState(latestState) };
      return { $case: "update", update };
    }
    case "operationUpdate":
      return { $case: "operationUpdate", operationUpdate: toWireOperation(message) };
    case "exitedExecutor": {
      const { frameworkId, executorId, waitStatus: status } = message;
      return {
        $case: "exitedExecutor",
        exitedExecutor: { frameworkId: { value: frameworkId }, executorId: { value: executorId }, status },
      };
    }
    case "executorMessage": {
      const { frameworkId, executorId, data } = message;
      const executorMessage = { frameworkId: { value: frameworkId }, executorId: { value: executorId }, data };
      return { $case: "executorMessage", executorMessage };
    }
    case "pong":
      return { $case: "pong", pong: { number: BigInt(message.number) } };
  }
}

function toWireUnregister({ agentId, credential, alive }: Extract<AgentToMaster, { kind: "unregister" }>): UnregisterAgent {
  return { agentId: { value: agentId }, credential: credential && uuidToBytes(credential), alive: alive.map(toWireKey) };
}

function toWireHoldings({ created, resourceVersion, operations }: Holdings): HoldingsMessage {
  return {
    created: writeResources(created, "stack"),
    resourceVersion: uuidToBytes(resourceVersion),
    operations: operations.map(toWireOperation),
  };
}

function toWireOperation({ key, status }: OperationUpdate): OperationUpdateMessage {
  const operationId = key.operationId === undefined ? undefined : { value: key.operationId };
  return {
    key: { uuid: uuidToBytes(key.uuid), frameworkId: key.frameworkId && { value: key.frameworkId }, operationId },
    status: writeOperationStatus(status),
  };
}

function toWireKey({ frameworkId, taskId }: TaskKey): { frameworkId: { value: string }; taskId: { value: string } } {
  return { frameworkId: { value: frameworkId }, taskId: { value: taskId } };
}

function toWireTask(task: ReportedTask, agentId: AgentId): Task {
  const awaited =
    task.statusUpdateState === undefined || task.statusUpdateUuid === undefined
      ? {}
      : { statusUpdateState: writeTaskState(task.statusUpdateState), statusUpdateUuid: uuidToBytes(task.statusUpdateUuid) };
  const isChecked = task.checked.healthy !== undefined || task.checked.checkStatus !== undefined;
  return {
    ...Task.fromPartial({
      name: task.name,
      taskId: { value: task.taskId },
      frameworkId: { value: task.frameworkId },
      agentId: { value: agentId },
      ...(task.executorId === undefined ? {} : { executorId: { value: task.executorId } }),
      state: writeTaskState(task.state),
      ...awaited,
    }),
    resources: [...task.resources],
    limits: { ...task.limits },
    statuses: isChecked ? [{ ...task.checked, taskId: { value: task.taskId }, state: writeTaskState(task.state) }] : [],
  };
}
