/** The master's end of AgentLink: bytes of AgentMessages become inputs, and what the core sends becomes bytes of MasterMessages. */

import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { AgentId, ExecutorId, FrameworkId, TaskId, type Uuid, uuidToBytes } from "../../common/ids.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { readTaskState } from "../../common/mesos-task-status.ts";
import { type Result, succeed } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import type { ExecutorInfo, FrameworkInfo, Task } from "../../protos/gen/mesos/v1/mesos.ts";
import {
  type AgentMessage,
  AgentMessages,
  type ExitedExecutor,
  type MasterMessage,
  MasterMessages,
  type RegisterAgent,
  type ReregisterAgent,
  type StatusUpdate,
  type TaskKey as TaskKeyMessage,
  type UnregisterAgent,
} from "../../protos/gen/tepui/v1/agent_link.ts";
import type { AgentToMaster, ExecutorKey, MasterToAgent, ReportedExecutor, ReportedTask, TaskKey } from "../core/agent-message.ts";
import type { FrameworkDescription } from "../core/calls/call.ts";
import { decodeHoldings, decodeOperationUpdate, writeApplyOperation, writeOperationKey } from "./agent-holdings.ts";
import { describeAgent } from "./describe-agent.ts";
import { describeFramework } from "./describe-framework.ts";
import { linkLimits } from "./limits.ts";
import { findIdProblem, readUuid, refuseArgument } from "./rules.ts";

/** The newest version of AgentLink that this master speaks. */
const linkVersionMax = 1;

/** One flush of an agent, in order. Refused as a whole with the first problem: an agent is a program of ours, not a stranger. */
export function decodeAgentMessages(bytes: Uint8Array): Result<AgentToMaster[]> {
  const problem = checkMessage(schema, "tepui.v1.AgentMessages", bytes, linkLimits);
  if (problem !== undefined) return refuseArgument(problem);
  const messages: AgentToMaster[] = [];
  for (const [index, { message }] of AgentMessages.decode(bytes).messages.entries()) {
    const decoded = decodeMessage(message, `messages[${index}]`);
    if (!decoded.ok) return decoded;
    messages.push(decoded.value);
  }
  return succeed(messages);
}

function decodeMessage(message: AgentMessage["message"], path: string): Result<AgentToMaster> {
  switch (message?.$case) {
    case undefined:
      return refuseArgument(`${path} must be a message that this master knows`);
    case "register":
      return decodeRegister(message.register, `${path}.register`);
    case "reregister":
      return decodeReregister(message.reregister, `${path}.reregister`);
    case "leaving": {
      const problem = findIdProblem(`${path}.leaving.agent_id`, message.leaving.agentId);
      if (problem !== undefined) return refuseArgument(problem);
      return succeed({ kind: "leaving", agentId: AgentId(message.leaving.agentId?.value ?? "") });
    }
    case "unregister":
      return decodeUnregister(message.unregister, `${path}.unregister`);
    case "update":
      return decodeUpdate(message.update, `${path}.update`);
    case "operationUpdate": {
      const update = decodeOperationUpdate(message.operationUpdate, `${path}.operation_update`);
      return update.ok ? succeed({ kind: "operationUpdate", ...update.value }) : update;
    }
    case "pong":
      return succeed({ kind: "pong", number: Number(message.pong.number ?? 0n) });
    case "exitedExecutor":
      return decodeExitedExecutor(message.exitedExecutor, `${path}.exited_executor`);
    case "executorMessage": {
      const key = decodeExecutorKey(message.executorMessage, `${path}.executor_message`);
      return key.ok ? succeed({ kind: "executorMessage", ...key.value, data: message.executorMessage.data ?? new Uint8Array() }) : key;
    }
  }
}

function decodeRegister(
  { linkVersion, info, version, credential: bytes, holdings: message, capabilities }: RegisterAgent,
  path: string,
): Result<AgentToMaster> {
  const problem = findVersionProblem(linkVersion, path);
  if (problem !== undefined) return refuseArgument(problem);
  if (info === undefined) return refuseArgument(`${path}.info must be set`);
  const credential = readCredential(bytes, path);
  if (!credential.ok) return credential;
  const agent = describeAgent(info, { version, credential: credential.value, capabilities }, `${path}.info`);
  if (!agent.ok) return agent;
  const holdings = decodeHoldings(message, agent.value.resources, `${path}.holdings`);
  return holdings.ok ? succeed({ kind: "register", agent: agent.value, holdings: holdings.value }) : holdings;
}

function readCredential(bytes: Uint8Array | undefined, path: string): Result<Uuid | undefined> {
  return bytes === undefined ? refuseArgument(`${path}.credential must be set`) : readUuid(bytes, `${path}.credential`);
}

function findVersionProblem(linkVersion: number | undefined, path: string): string | undefined {
  if (linkVersion !== undefined && linkVersion >= 1 && linkVersion <= linkVersionMax) return undefined;
  return `${path}.link_version must be from 1 to ${linkVersionMax}, is ${linkVersion ?? "not set"}`;
}

function decodeReregister(message: ReregisterAgent, path: string): Result<AgentToMaster> {
  const { linkVersion, info, version, capabilities } = message;
  const problem = findVersionProblem(linkVersion, path) ?? findIdProblem(`${path}.info.id`, info?.id);
  if (problem !== undefined || info === undefined) return refuseArgument(problem ?? `${path}.info must be set`);
  const credential = readCredential(message.credential, path);
  if (!credential.ok) return credential;
  const agent = describeAgent(info, { version, credential: credential.value, capabilities }, `${path}.info`);
  if (!agent.ok) return agent;
  const frameworks: { frameworkId: FrameworkId; framework: FrameworkDescription }[] = [];
  for (const [index, framework] of message.frameworks.entries()) {
    const decoded = decodeFramework(framework, `${path}.frameworks[${index}]`);
    if (!decoded.ok) return decoded;
    frameworks.push(decoded.value);
  }
  const tasks: ReportedTask[] = [];
  for (const [index, task] of message.tasks.entries()) {
    const decoded = decodeTask(task, `${path}.tasks[${index}]`);
    if (!decoded.ok) return decoded;
    tasks.push(decoded.value);
  }
  const executors: ReportedExecutor[] = [];
  for (const [index, executor] of message.executors.entries()) {
    const decoded = decodeExecutor(executor, `${path}.executors[${index}]`);
    if (!decoded.ok) return decoded;
    executors.push(decoded.value);
  }
  const holdings = decodeHoldings(message.holdings, agent.value.resources, `${path}.holdings`);
  if (!holdings.ok) return holdings;
  const agentId = AgentId(info.id?.value ?? "");
  return succeed({ kind: "reregister", agentId, agent: agent.value, frameworks, tasks, executors, holdings: holdings.value });
}

function decodeExecutor(info: ExecutorInfo, path: string): Result<ReportedExecutor> {
  const key = decodeExecutorKey(info, path);
  if (!key.ok) return key;
  const resources = readResources(info.resources, `${path}.resources`);
  return resources.ok ? succeed({ ...key.value, resources: resources.value, info }) : resources;
}

function decodeExitedExecutor(message: ExitedExecutor, path: string): Result<AgentToMaster> {
  const key = decodeExecutorKey(message, path);
  return key.ok ? succeed({ kind: "exitedExecutor", ...key.value, waitStatus: message.status ?? -1 }) : key;
}

function decodeExecutorKey(
  { frameworkId, executorId }: Pick<ExitedExecutor, "frameworkId" | "executorId">,
  path: string,
): Result<ExecutorKey> {
  const problem = findIdProblem(`${path}.framework_id`, frameworkId) ?? findIdProblem(`${path}.executor_id`, executorId);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ frameworkId: FrameworkId(frameworkId?.value ?? ""), executorId: ExecutorId(executorId?.value ?? "") });
}

function decodeFramework(info: FrameworkInfo, path: string): Result<{ frameworkId: FrameworkId; framework: FrameworkDescription }> {
  const problem = findIdProblem(`${path}.id`, info.id);
  if (problem !== undefined) return refuseArgument(problem);
  const framework = describeFramework(info, path);
  return framework.ok ? succeed({ frameworkId: FrameworkId(info.id?.value ?? ""), framework: framework.value }) : framework;
}

function decodeTask(task: Task, path: string): Result<ReportedTask> {
  const key = decodeKey(task, path);
  if (!key.ok) return key;
  const resources = readResources(task.resources, `${path}.resources`);
  if (!resources.ok) return resources;
  const state = readTaskState(task.state);
  if (state === undefined) return refuseArgument(`${path}.state must be a known state, is ${task.state}`);
  const uuid = readUuid(task.statusUpdateUuid, `${path}.status_update_uuid`);
  if (!uuid.ok) return uuid;
  const { healthy, checkStatus } = task.statuses.at(-1) ?? {};
  return succeed({
    ...key.value,
    ...(healthy === undefined && checkStatus === undefined ? {} : { checked: { healthy, checkStatus } }),
    ...(Object.keys(task.limits).length === 0 ? {} : { limits: task.limits }),
    executorId: task.executorId === undefined ? undefined : ExecutorId(task.executorId.value),
    name: task.name,
    resources: resources.value,
    state,
    statusUpdateState: task.statusUpdateState === undefined ? undefined : readTaskState(task.statusUpdateState),
    statusUpdateUuid: uuid.value,
  });
}

function decodeUnregister({ agentId, alive, credential: bytes }: UnregisterAgent, path: string): Result<AgentToMaster> {
  const problem = findIdProblem(`${path}.agent_id`, agentId);
  if (problem !== undefined) return refuseArgument(problem);
  const credential = readUuid(bytes, `${path}.credential`);
  if (!credential.ok) return credential;
  const keys: TaskKey[] = [];
  for (const [index, message] of alive.entries()) {
    const key = decodeKey(message, `${path}.alive[${index}]`);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  return succeed({ kind: "unregister", agentId: AgentId(agentId?.value ?? ""), credential: credential.value, alive: keys });
}

function decodeUpdate({ frameworkId, status, latestState }: StatusUpdate, path: string): Result<AgentToMaster> {
  if (status === undefined) return refuseArgument(`${path}.status must be set`);
  const key = decodeKey({ frameworkId, taskId: status.taskId }, path);
  if (!key.ok) return key;
  const uuid = readUuid(status.uuid, `${path}.status.uuid`);
  if (!uuid.ok) return uuid;
  if (uuid.value === undefined) return refuseArgument(`${path}.status.uuid must be set`);
  const state = readTaskState(status.state);
  if (state === undefined) return refuseArgument(`${path}.status.state must be a known state, is ${status.state}`);
  const latest = latestState === undefined ? state : (readTaskState(latestState) ?? state);
  return succeed({ kind: "statusUpdate", ...key.value, state, uuid: uuid.value, latestState: latest, status });
}

function decodeKey({ frameworkId, taskId }: TaskKeyMessage, path: string): Result<TaskKey> {
  const problem = findIdProblem(`${path}.framework_id`, frameworkId) ?? findIdProblem(`${path}.task_id`, taskId);
  if (problem !== undefined) return refuseArgument(problem);
  return succeed({ frameworkId: FrameworkId(frameworkId?.value ?? ""), taskId: TaskId(taskId?.value ?? "") });
}

/** One flush of the master's queue for an agent, in order. */
export function encodeMasterMessages(messages: readonly MasterToAgent[]): Uint8Array {
  return encodeMessage(MasterMessages, { messages: messages.map((message) => ({ message: toWire(message) })) });
}

function toWire(message: MasterToAgent): MasterMessage["message"] {
  switch (message.kind) {
    case "registered":
      return { $case: "registered", registered: { agentId: { value: message.agentId }, pingTimeoutMs: toWholeMs(message.pingTimeoutMs) } };
    case "reregistered": {
      const { agentId, pingTimeoutMs, reconcile, reconcileOperations = [] } = message;
      const reregistered = {
        agentId: { value: agentId },
        pingTimeoutMs: toWholeMs(pingTimeoutMs),
        reconcile: reconcile.map(toKey),
        reconcileOperations: reconcileOperations.map(writeOperationKey),
      };
      return { $case: "reregistered", reregistered };
    }
    case "refuse":
      return { $case: "refuse", refuse: { reason: message.reason } };
    case "unregistered":
      return { $case: "unregistered", unregistered: { agentId: { value: message.agentId } } };
    case "runTask":
      return { $case: "runTask", runTask: { framework: message.framework, task: message.task, launchExecutor: message.launchesExecutor } };
    case "runTaskGroup": {
      const { framework, executor, tasks, launchesExecutor: launchExecutor } = message;
      return { $case: "runTaskGroup", runTaskGroup: { framework, executor, tasks: [...tasks], launchExecutor } };
    }
    case "shutdownExecutor":
      return { $case: "shutdownExecutor", shutdownExecutor: toExecutorKey(message) };
    case "messageToExecutor":
      return { $case: "messageToExecutor", messageToExecutor: { ...toExecutorKey(message), data: message.data } };
    case "killTask": {
      const killPolicy =
        message.graceMs === undefined ? undefined : { gracePeriod: { nanoseconds: toWholeMs(message.graceMs) * 1_000_000n } };
      return { $case: "killTask", killTask: { ...toKey(message), killPolicy } };
    }
    case "acknowledge":
      return {
        $case: "acknowledge",
        acknowledge: { frameworkId: { value: message.frameworkId }, taskId: { value: message.taskId }, uuid: uuidToBytes(message.uuid) },
      };
    case "applyOperation":
      return { $case: "applyOperation", applyOperation: writeApplyOperation(message) };
    case "acknowledgeOperation": {
      const { uuid, statusUuid } = message;
      return { $case: "acknowledgeOperation", acknowledgeOperation: { uuid: uuidToBytes(uuid), statusUuid: uuidToBytes(statusUuid) } };
    }
    case "drain": {
      const { maxGraceMs, markGone } = message;
      return { $case: "drain", drain: { maxGraceMs: maxGraceMs === undefined ? undefined : toWholeMs(maxGraceMs), markGone } };
    }
    case "endDrain":
      return { $case: "endDrain", endDrain: {} };
    case "shutdownFramework":
      return { $case: "shutdownFramework", shutdownFramework: { frameworkId: { value: message.frameworkId } } };
    case "updateFramework":
      return { $case: "updateFramework", updateFramework: { framework: message.framework, sameScheduler: message.sameScheduler } };
    case "ping":
      return { $case: "ping", ping: { number: BigInt(message.number), connected: message.connected } };
  }
}

function toExecutorKey({ frameworkId, executorId }: ExecutorKey): { frameworkId: { value: string }; executorId: { value: string } } {
  return { frameworkId: { value: frameworkId }, executorId: { value: executorId } };
}

function toKey({ frameworkId, taskId, partitionAware }: TaskKey): TaskKeyMessage {
  return { frameworkId: { value: frameworkId }, taskId: { value: taskId }, partitionAware };
}

function toWholeMs(ms: number): bigint {
  return BigInt(Math.round(ms));
}
