/**
 * The MasterOperator service. What describes the process (health, version, flags, address) is answered here, by leaders
 * and others alike; what describes the cluster is asked of the core. Calls that are not registered answer UNIMPLEMENTED.
 */

import { Metadata } from "@grpc/grpc-js";

import type { Refusal, Result } from "../../common/result.ts";
import { version } from "../../common/version.ts";
import { Response_GetFlags, Response_GetHealth, Response_GetMaster, Response_GetVersion } from "../../protos/gen/mesos/v1/master/master.ts";
import type { Flag } from "../../protos/gen/mesos/v1/mesos.ts";
import type { Method, Service, UnaryAnswer, UnaryCall } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import type { CallRefusal } from "../core/effect.ts";
import type { MasterAddress } from "../core/event.ts";
import type { CallId, MasterInput } from "../core/input.ts";
import type { OperatorCall, OperatorResponse } from "../core/operator/operator-call.ts";
import { emptyRefusal, encodeOperatorResponse, toMasterInfo } from "../wire/operator.ts";
import { operatorOrders } from "../wire/operator-orders.ts";
import { leaderTrailers } from "./leader-trailers.ts";
import { createWaitingCalls } from "./waiting-calls.ts";

/** What a master says of itself. */
export interface MasterDescription {
  readonly address: MasterAddress;
  readonly flags: readonly Flag[];
  /** Unix time in milliseconds. */
  readonly startedWallMs: number;
  /** Unix time in milliseconds; undefined while this master does not lead. */
  readonly electedWallMs: number | undefined;
}

export interface OperatorService {
  readonly service: Service;
  reply(callId: CallId, response: OperatorResponse): void;
  refuse(callId: CallId, refusal: CallRefusal): void;
  /** For a master that ends. */
  closeAll(refusal: Refusal): void;
}

export interface OperatorServiceOptions {
  readonly dispatch: (input: MasterInput) => void;
  readonly nextCallId: () => CallId;
  readonly describe: () => MasterDescription;
}

/** What the core answers, with the metadata that goes before it. */
interface Answer {
  readonly bytes: Uint8Array;
  readonly metadata: Metadata | undefined;
}

export function createOperatorService({ dispatch, nextCallId, describe }: OperatorServiceOptions): OperatorService {
  const waiting = createWaitingCalls<Answer>(nextCallId);

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

  const tell = (bytes: () => Uint8Array): Method => ({
    kind: "unary",
    handle: ({ request }, answer) => {
      const refusal = emptyRefusal(request);
      if (refusal === undefined) answer(null, bytes());
      else answer(toStatus(refusal));
    },
  });

  const methods = new Map<string, Method>([
    ["GetHealth", tell(() => Response_GetHealth.encode({ healthy: true }).finish())],
    ["GetVersion", tell(() => Response_GetVersion.encode({ versionInfo: { version } }).finish())],
    ["GetFlags", tell(() => Response_GetFlags.encode({ flags: [...describe().flags] }).finish())],
    ["GetMaster", tell(() => encodeGetMaster(describe()))],
    ["GetState", ask({ kind: "getState" })],
    ["GetAgents", ask({ kind: "getAgents" })],
    ["GetFrameworks", ask({ kind: "getFrameworks" })],
    ["GetExecutors", ask({ kind: "getExecutors" })],
    ["GetTasks", ask({ kind: "getTasks" })],
    ["GetMaintenanceSchedule", ask({ kind: "getMaintenanceSchedule" })],
    ["GetMaintenanceStatus", ask({ kind: "getMaintenanceStatus" })],
    ["GetMaintenanceProgress", ask({ kind: "getMaintenanceProgress" })],
    ...Object.entries(operatorOrders).map(([name, decode]) => take(name, decode)),
  ]);

  return {
    service: { name: "tepui.v1.MasterOperator", methods },
    reply: (callId, response) => {
      const answer = { bytes: encodeOperatorResponse(response), metadata: metadataOf(response) };
      waiting.settle(callId, { refusal: undefined, answer });
    },
    refuse: (callId, refusal) => waiting.settle(callId, { refusal }),
    closeAll: waiting.refuseAll,
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

function encodeGetMaster({ address, startedWallMs, electedWallMs }: MasterDescription): Uint8Array {
  return Response_GetMaster.encode({
    masterInfo: toMasterInfo(address),
    startTime: startedWallMs / 1_000,
    ...(electedWallMs === undefined ? {} : { electedTime: electedWallMs / 1_000 }),
  }).finish();
}
