/** The calls of the MasterOperator service that are about this process: leaders and others answer them alike, and nobody asks the core. */

import { findEmptyProblem } from "../../common/process-calls.ts";
import { Response_GetMaster } from "../../protos/gen/mesos/v1/master/master.ts";
import { createProcessMethods, type ProcessDescription } from "../../runtime/grpc/process-methods.ts";
import type { Method } from "../../runtime/grpc/server.ts";
import { toStatus } from "../../runtime/grpc/status.ts";
import type { MasterAddress } from "../core/event.ts";
import { toMasterInfo } from "../wire/operator.ts";

/** What a master says of itself. */
export interface MasterDescription {
  readonly address: MasterAddress;
  /** Unix time in milliseconds. */
  readonly startedWallMs: number;
  /** Unix time in milliseconds; undefined while this master does not lead. */
  readonly electedWallMs: number | undefined;
}

export interface MasterProcess extends Omit<ProcessDescription, "owner"> {
  readonly describe: () => MasterDescription;
}

export function createMasterMethods({ describe, ...process }: MasterProcess): ReadonlyMap<string, Method> {
  const getMaster: Method = {
    kind: "unary",
    handle: ({ request }, answer) => {
      const refusal = findEmptyProblem(request);
      if (refusal === undefined) answer(null, encodeGetMaster(describe()));
      else answer(toStatus(refusal));
    },
  };
  return new Map<string, Method>([...createProcessMethods({ ...process, owner: "master" }), ["GetMaster", getMaster]]);
}

function encodeGetMaster({ address, startedWallMs, electedWallMs }: MasterDescription): Uint8Array {
  return Response_GetMaster.encode({
    masterInfo: toMasterInfo(address),
    startTime: startedWallMs / 1_000,
    ...(electedWallMs === undefined ? {} : { electedTime: electedWallMs / 1_000 }),
  }).finish();
}
