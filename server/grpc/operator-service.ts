/** The MasterOperator service: what is about the cluster is asked of the core. Calls that are not registered answer UNIMPLEMENTED. */

import { Metadata } from "@grpc/grpc-js";

import type { StreamId } from "../../common/ids.ts";
import type { Refusal, Result } from "../../common/result.ts";
import type { Method, Service, UnaryAnswer, UnaryCall } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import { createWaitingCalls } from "../../runtime/grpc/waiting-calls.ts";
import { createTimeSlices } from "../../runtime/time-slices.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import type { OperatorCall, OperatorResponse } from "../core/operator/operator-call.ts";
import type { OperatorEvent } from "../core/operator/operator-event.ts";
import { emptyRefusal, encodeResponse } from "../wire/operator.ts";
import { operatorOrders } from "../wire/operator-orders.ts";
import { leaderTrailers } from "./leader-trailers.ts";
import { createMasterMethods, type MasterProcess } from "./master-methods.ts";
import { createOperatorStreams, tooManyReaders } from "./operator-streams.ts";

export interface OperatorService {
  readonly service: Service;
  send(streamIds: readonly StreamId[], event: OperatorEvent): void;
  close(streamId: StreamId, refusal: CallRefusal): void;
  reply(callId: CallId, response: OperatorResponse): void;
  refuse(callId: CallId, refusal: CallRefusal): void;
  /** For a master that ends. */
  closeAll(refusal: Refusal): void;
}

export interface OperatorServiceOptions {
  readonly dispatch: (input: MasterInput) => void;
  readonly nextCallId: () => CallId;
  readonly masterProcess: MasterProcess;
}

/** What the core answers, with the metadata that goes before it. */
interface Answer {
  readonly bytes: Uint8Array;
  readonly metadata: Metadata | undefined;
}

export function createOperatorService({ dispatch, nextCallId, masterProcess }: OperatorServiceOptions): OperatorService {
  const waiting = createWaitingCalls<Answer, CallRefusal>(nextCallId);
  const slices = createTimeSlices();
  const streams = createOperatorStreams(dispatch, slices);

  function dispatchCall(unary: UnaryCall, answer: UnaryAnswer, call: OperatorCall): void {
    const callId = waiting.add((outcome) => {
      if (outcome.refusal !== undefined) {
        answer(toStatus(outcome.refusal, leaderTrailers(outcome.refusal)));
        return;
      }
      if (outcome.answer.metadata !== undefined) unary.sendMetadata(outcome.answer.metadata);
      answer(null, outcome.answer.bytes);
    });
    unary.on("cancelled", () => waiting.forget(callId));
    dispatch({ kind: "operatorCall", callId, call });
  }

  const ask = (call: OperatorCall): Method => ({
    kind: "unary",
    handle: (unary: UnaryCall, answer: UnaryAnswer) => {
      const refusal = emptyRefusal(unary.request);
      if (refusal === undefined) dispatchCall(unary, answer, call);
      else answer(toStatus(refusal));
    },
  });

  const take = (name: string, decode: (bytes: Uint8Array) => Result<OperatorCall>): [string, Method] => [
    name,
    {
      kind: "unary",
      handle: (unary: UnaryCall, answer: UnaryAnswer) => {
        const decoded = decode(unary.request);
        if (decoded.ok) dispatchCall(unary, answer, decoded.value);
        else answer(toStatus(decoded.refusal));
      },
    },
  ];

  const methods = new Map<string, Method>([
    ...createMasterMethods(masterProcess),
    ["Subscribe", { kind: "serverStream", handle: streams.open }],
    ["GetState", ask({ kind: "getState" })],
    ["GetAgents", ask({ kind: "getAgents" })],
    ["GetFrameworks", ask({ kind: "getFrameworks" })],
    ["GetExecutors", ask({ kind: "getExecutors" })],
    ["GetTasks", ask({ kind: "getTasks" })],
    ["GetRoles", ask({ kind: "getRoles" })],
    ["GetRoleUsage", ask({ kind: "getRoleUsage" })],
    ["GetQuota", ask({ kind: "getQuota" })],
    ["GetWeights", ask({ kind: "getWeights" })],
    ["GetOperations", ask({ kind: "getOperations" })],
    ["GetMaintenanceSchedule", ask({ kind: "getMaintenanceSchedule" })],
    ["GetMaintenanceStatus", ask({ kind: "getMaintenanceStatus" })],
    ["GetMaintenanceProgress", ask({ kind: "getMaintenanceProgress" })],
    ...Object.entries(operatorOrders).map(([name, decode]) => take(name, decode)),
  ]);

  return {
    service: { name: "tepui.v1.MasterOperator", methods },
    reply: (callId, response) => {
      const metadata = metadataOf(response);
      const encoded = encodeResponse(response);
      const settle = (bytes: Uint8Array): void => waiting.settle(callId, { refusal: undefined, answer: { bytes, metadata } });
      if ("bytes" in encoded) settle(encoded.bytes);
      else if (!slices.add(encoded.slices, settle)) waiting.settle(callId, { refusal: tooManyReaders });
    },
    refuse: (callId, refusal) => waiting.settle(callId, { refusal }),
    send: streams.send,
    close: streams.close,
    closeAll: (refusal) => {
      streams.closeAll(refusal);
      waiting.refuseAll(refusal);
    },
  };
}

/** Term and registry version have no field in Mesos's GetState; they say from which leadership and moment it is. */
function metadataOf(response: OperatorResponse): Metadata | undefined {
  if (response.kind !== "getState") return undefined;
  const metadata = new Metadata();
  metadata.set("tepui-term", String(response.term));
  metadata.set("tepui-registry-version", String(response.registryVersion));
  return metadata;
}
