/** Operator calls about containers within those of tasks and executors. A refusal names the field, the rule and the value. */

import { findCommandProblem } from "../../common/command-rules.ts";
import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import { isPlainContainer } from "../../common/task-container.ts";
import {
  Call_AttachContainerInput,
  Call_AttachContainerInput_Type,
  Call_KillContainer,
  Call_LaunchContainer,
  Call_LaunchNestedContainer,
  Call_WaitContainer,
  type ProcessIO,
  ProcessIO_Data_Type,
  ProcessIO_Type,
  Response_WaitContainer,
} from "../../protos/gen/mesos/v1/agent/agent.ts";
import type { TTYInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import type { CommandDescription } from "../core/command-description.ts";
import type { ContainerExit } from "../core/input.ts";
import { toCommand } from "./command-description.ts";
import { findCallProblem, readContainer } from "./container-calls.ts";
import { inputLimits } from "./limits.ts";

/** A terminal that a command is to have; without a size it has the system's. */
export interface Terminal {
  readonly size: { readonly rows: number; readonly columns: number } | undefined;
}

export interface NestedLaunch {
  readonly containerId: ContainerId;
  readonly parentId: ContainerId;
  readonly command: CommandDescription;
  /** Only of sessions. */
  readonly terminal: Terminal | undefined;
}

/** RPCs by their fields, which have the same numbers in the older and the newer form. */
export type LaunchName = "LaunchNestedContainer" | "LaunchNestedContainerSession" | "LaunchContainer";
export type WaitName = "WaitNestedContainer" | "WaitContainer";
export type RemoveName = "RemoveNestedContainer" | "RemoveContainer";
export type KillName = "KillNestedContainer" | "KillContainer";

const sigkill = 9;

/** Of Linux. */
const signalMax = 64;

/** The kernel keeps the size of a terminal in 16 bits. */
const terminalMax = 65_535;

export function decodeLaunch(name: LaunchName, bytes: Uint8Array): Result<NestedLaunch> {
  const problem = findCallProblem(name, bytes);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const call = readLaunch(name, bytes);
  const path = pathOf(name);
  const containerId = readContainer(`${path}.container_id`, call.containerId);
  if (!containerId.ok) return containerId;
  const parentId = parentContainerId(containerId.value);
  if (parentId === undefined) return refuseAlone(name);
  const rule = findLaunchProblem(name, call);
  if (rule !== undefined) return refuse("INVALID_ARGUMENT", `${path}.${rule}`);
  const tty = call.container?.ttyInfo;
  const terminal = tty === undefined ? undefined : { size: tty.windowSize };
  return succeed({ containerId: containerId.value, parentId, command: toCommand(call.command), terminal });
}

/** Of a call that only names a container. */
export function decodeNamed(name: WaitName | RemoveName, bytes: Uint8Array): Result<ContainerId> {
  const problem = findCallProblem(name, bytes);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  return readContainer(`${pathOf(name)}.container_id`, Call_WaitContainer.decode(bytes).containerId);
}

export function decodeKill(name: KillName, bytes: Uint8Array): Result<{ readonly containerId: ContainerId; readonly signal: number }> {
  const problem = findCallProblem(name, bytes);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const call = Call_KillContainer.decode(bytes);
  const containerId = readContainer(`${pathOf(name)}.container_id`, call.containerId);
  if (!containerId.ok) return containerId;
  const { signal = sigkill } = call;
  if (signal >= 1 && signal <= signalMax) return succeed({ containerId: containerId.value, signal });
  return refuse("INVALID_ARGUMENT", `${pathOf(name)}.signal must be 1 to ${signalMax}, is ${signal}`);
}

export type ContainerInput =
  | { readonly kind: "container"; readonly containerId: ContainerId }
  /** Empty: the end of the input. */
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "heartbeat" };

/** One message of AttachContainerInput. */
export function decodeInput(bytes: Uint8Array): Result<ContainerInput> {
  const problem = findCallProblem("AttachContainerInput", bytes, inputLimits);
  if (problem !== undefined) return refuse("INVALID_ARGUMENT", problem);
  const { type, containerId: message, processIo } = Call_AttachContainerInput.decode(bytes);
  switch (type) {
    case Call_AttachContainerInput_Type.CONTAINER_ID: {
      const containerId = readContainer("attach_container_input.container_id", message);
      return containerId.ok ? succeed({ kind: "container", containerId: containerId.value }) : containerId;
    }
    case Call_AttachContainerInput_Type.PROCESS_IO:
      return readProcessIo(processIo);
    default:
      return refuse("INVALID_ARGUMENT", `attach_container_input.type must be CONTAINER_ID or PROCESS_IO, is ${type ?? "not set"}`);
  }
}

/** Both forms of the answer have the same fields. */
export function encodeWait(exit: ContainerExit): Uint8Array {
  const exitStatus = exit.kind === "exited" ? exit.code * 256 : exit.signal;
  return Response_WaitContainer.encode({ exitStatus }).finish();
}

function readLaunch(name: LaunchName, bytes: Uint8Array): Call_LaunchContainer {
  if (name === "LaunchContainer") return Call_LaunchContainer.decode(bytes);
  return { ...Call_LaunchNestedContainer.decode(bytes), resources: [], limits: {} };
}

function refuseAlone(name: LaunchName): Result<never> {
  const field = `${pathOf(name)}.container_id.parent`;
  if (name !== "LaunchContainer") return refuse("INVALID_ARGUMENT", `${field} must be set`);
  return refuse("UNIMPLEMENTED", `${field} must be set: every container of this agent belongs to a framework`);
}

function findLaunchProblem(name: LaunchName, { command, container, resources, limits }: Call_LaunchContainer): string | undefined {
  if (resources.length > 0) return `resources must be empty: it shares those of the container around it, has ${resources.length} entries`;
  if (Object.keys(limits).length > 0) return "limits must be empty: it shares those of the container around it";
  if (command === undefined) return "command must be set";
  const rule = findCommandProblem(command);
  if (rule !== undefined) return rule;
  if (command.uris.length > 0) return `command.uris must be empty: nothing is fetched for it, has ${command.uris.length} entries`;
  if (container === undefined) return undefined;
  if (!isPlainContainer({ ...container, ttyInfo: undefined })) return "container must have the type MESOS and nothing but tty_info";
  return container.ttyInfo === undefined ? undefined : findTerminalProblem(name, container.ttyInfo);
}

function findTerminalProblem(name: LaunchName, { windowSize }: TTYInfo): string | undefined {
  if (name !== "LaunchNestedContainerSession") return "container.tty_info must be absent: only sessions have a terminal";
  for (const side of ["rows", "columns"] as const) {
    const value = windowSize?.[side] ?? 1;
    if (value < 1 || value > terminalMax) return `container.tty_info.window_size.${side} must be 1 to ${terminalMax}, is ${value}`;
  }
  return undefined;
}

/** The size of a terminal is set once, when it is made. */
function readProcessIo(io: ProcessIO | undefined): Result<ContainerInput> {
  const path = "attach_container_input.process_io";
  if (io?.type === ProcessIO_Type.CONTROL) return succeed({ kind: "heartbeat" });
  if (io?.type !== ProcessIO_Type.DATA)
    return refuse("INVALID_ARGUMENT", `${path}.type must be DATA or CONTROL, is ${io?.type ?? "not set"}`);
  if (io.data?.type !== ProcessIO_Data_Type.STDIN) {
    return refuse("INVALID_ARGUMENT", `${path}.data.type must be STDIN, is ${io.data?.type ?? "not set"}`);
  }
  return succeed({ kind: "data", data: io.data.data ?? new Uint8Array() });
}

/** "LaunchContainer" as fields are named: "launch_container". */
function pathOf(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
