/** Operator calls about one container: which one, and what is streamed of it. A refusal names the field, the rule and the value. */

import { nestedContainerId } from "../../common/container-id.ts";
import { schema } from "../../common/contract-schema.ts";
import { encodeMessage } from "../../common/encode-message.ts";
import { ContainerId } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { checkMessage, type WireLimits } from "../../common/wire-check.ts";
import {
  Call_AttachContainerOutput,
  ProcessIO,
  ProcessIO_Control_Type,
  ProcessIO_Data_Type,
  ProcessIO_Type,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import type { ContainerID } from "../../protos/gen/mesos/v1/mesos.ts";
import { operatorCallLimits } from "./limits.ts";

/** Ids of containers are names of files and control groups, joined by dots where one is within another. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** NAME_MAX of Linux. */
const idMaxLength = 255;

/** What is wrong with the bytes of a call named as its RPC. */
export function findCallProblem(name: string, bytes: Uint8Array, limits: WireLimits = operatorCallLimits): string | undefined {
  return checkMessage(schema, `mesos.v1.agent.Call.${name}`, bytes, limits);
}

export function decodeAttachOutput(bytes: Uint8Array): Result<ContainerId> {
  const problem = findCallProblem("AttachContainerOutput", bytes);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  return readContainer("attach_container_output.container_id", Call_AttachContainerOutput.decode(bytes).containerId);
}

/** `path` names the field in the refusal. */
export function readContainer(path: string, message: ContainerID | undefined): Result<ContainerId> {
  if (message === undefined) return refuse("INVALID_ARGUMENT", `${path} must be set`);
  if (!namePattern.test(message.value)) {
    return refuse("INVALID_ARGUMENT", `${path}.value must match ${namePattern}, is ${JSON.stringify(message.value.slice(0, idMaxLength))}`);
  }
  if (message.parent === undefined) return succeed(ContainerId(message.value));
  const parent = readContainer(`${path}.parent`, message.parent);
  if (!parent.ok) return parent;
  const id = nestedContainerId(parent.value, message.value);
  return id.length <= idMaxLength ? succeed(id) : refuse("INVALID_ARGUMENT", `${path} must have at most ${idMaxLength} characters in all`);
}

/** A piece of what a container wrote. */
export function encodeOutput(name: "stdout" | "stderr", data: Uint8Array): Uint8Array {
  const type = name === "stdout" ? ProcessIO_Data_Type.STDOUT : ProcessIO_Data_Type.STDERR;
  return encodeMessage(ProcessIO, { type: ProcessIO_Type.DATA, data: { type, data } });
}

/** A sign of life, with the time until the next one. */
export function encodeHeartbeat(intervalMs: number): Uint8Array {
  const interval = { nanoseconds: BigInt(intervalMs) * 1_000_000n };
  return encodeMessage(ProcessIO, {
    type: ProcessIO_Type.CONTROL,
    control: { type: ProcessIO_Control_Type.HEARTBEAT, heartbeat: { interval } },
  });
}
