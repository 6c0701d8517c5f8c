/** The agent's operator API: requests held against the contract, answers as the nested messages of mesos.v1.agent. */

import { writeContainerId } from "../../common/container-id.ts";
import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import type { Refusal } from "../../common/result.ts";
import { checkMessage } from "../../common/wire-check.ts";
import {
  Call_GetContainers,
  Response_GetAgent,
  Response_GetContainers,
  type Response_GetContainers_Container,
  Response_GetExecutors,
  Response_GetFrameworks,
  Response_GetOperations,
  Response_GetState,
  Response_GetTasks,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import type { AgentInfo, Resource, ResourceStatistics } from "../../protos/gen/mesos/v1/mesos.ts";
import type { ContainerSummary } from "../core/container-summary.ts";
import type { OperatorAnswer } from "../core/operator/operator-answer.ts";
import { operatorCallLimits } from "./limits.ts";

/** What is wrong with a request: its bytes are not the message that the call takes. */
export function requestRefusal(messageName: string, bytes: Uint8Array): Refusal | undefined {
  const problem = checkMessage(schema, messageName, bytes, operatorCallLimits);
  return problem === undefined ? undefined : { code: "INVALID_ARGUMENT", message: problem };
}

/** What the processes of a container use. */
export interface ContainerUsage {
  readonly processes: number;
  readonly threads: number;
  readonly userSecs: number;
  readonly systemSecs: number;
  /** Memory of the processes, shared pages counted for each. */
  readonly rssBytes: number;
  /** Of all kinds, page cache included; undefined where no memory controller counts it. */
  readonly memoryBytes: number | undefined;
}

/** Bytes of Response.GetState, Response.GetTasks, ... `info` is what the agent says of itself at each registration. */
export function encodeOperatorAnswer(answer: OperatorAnswer, info: AgentInfo): Uint8Array {
  switch (answer.kind) {
    case "getState":
      return encodeMessage(Response_GetState, answer.state);
    case "getFrameworks":
      return encodeMessage(Response_GetFrameworks, answer.frameworks);
    case "getExecutors":
      return encodeMessage(Response_GetExecutors, answer.executors);
    case "getOperations":
      return encodeMessage(Response_GetOperations, answer.operations);
    case "getTasks":
      return encodeMessage(Response_GetTasks, answer.tasks);
    case "getAgent": {
      const { agentId, ...details } = answer.agent;
      const agentInfo = agentId === undefined ? info : { ...info, id: { value: agentId } };
      return encodeMessage(Response_GetAgent, { agentInfo, ...details });
    }
  }
}

/** What is known of a container that runs. */
export interface ContainerStatistics extends ContainerUsage {
  readonly atWallMs: number;
  readonly supervisorPid: number | undefined;
  /** Undefined until its sandbox was measured. */
  readonly diskBytes: number | undefined;
}

export interface ContainerReport {
  readonly summary: ContainerSummary;
  /** Undefined for a container that does not run, or not yet. */
  readonly statistics: ContainerStatistics | undefined;
}

/** `request` was held against the contract. Nested containers are listed where it asks for them. */
export function encodeGetContainers(request: Uint8Array, reports: readonly ContainerReport[]): Uint8Array {
  const { showNested = false } = Call_GetContainers.decode(request);
  const shown = reports.filter(({ summary }) => showNested || summary.parentId === undefined);
  return encodeMessage(Response_GetContainers, { containers: shown.map(toContainer) });
}

function toContainer({ summary, statistics }: ContainerReport): Response_GetContainers_Container {
  const { containerId, frameworkId, executorId, executorName, resources } = summary;
  const container = {
    frameworkId: { value: frameworkId },
    executorId: { value: executorId },
    executorName,
    containerId: writeContainerId(containerId),
  };
  if (statistics === undefined) return container;
  return {
    ...container,
    containerStatus: { containerId: writeContainerId(containerId), networkInfos: [], executorPid: statistics.supervisorPid },
    resourceStatistics: toStatistics(statistics, resources),
  };
}

/** Limits are what the container was given, as in Mesos's containerizer; nothing enforces them. */
function toStatistics(statistics: ContainerStatistics, resources: readonly Resource[]): ResourceStatistics {
  return {
    timestamp: statistics.atWallMs / 1_000,
    processes: statistics.processes,
    threads: statistics.threads,
    cpusUserTimeSecs: statistics.userSecs,
    cpusSystemTimeSecs: statistics.systemSecs,
    cpusLimit: amountOf(resources, "cpus"),
    memRssBytes: BigInt(statistics.rssBytes),
    memTotalBytes: toBytes(statistics.memoryBytes, 1),
    memLimitBytes: toBytes(amountOf(resources, "mem"), bytesPerMegabyte),
    diskUsedBytes: toBytes(statistics.diskBytes, 1),
    diskLimitBytes: toBytes(amountOf(resources, "disk"), bytesPerMegabyte),
    diskStatistics: [],
    netTrafficControlStatistics: [],
  };
}

/** mem and disk are in these. */
const bytesPerMegabyte = 1024 * 1024;

function amountOf(resources: readonly Resource[], name: string): number | undefined {
  const amounts = resources.flatMap((resource) => (resource.name === name ? [resource.scalar?.value ?? 0] : []));
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0);
}

function toBytes(amount: number | undefined, unit: number): bigint | undefined {
  return amount === undefined ? undefined : BigInt(Math.round(amount * unit));
}
