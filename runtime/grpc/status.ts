/** Refusals as gRPC statuses. */

import { Metadata, type StatusObject } from "@grpc/grpc-js";

import type { Refusal } from "../../common/result.ts";
import { statusCodes } from "../../common/status-code.ts";

/** A status travels in HTTP/2 trailers, whose total size peers limit, often to 8 KiB. */
const detailsMaxLength = 2_048;

/** Trailing metadata as plain pairs. */
export type Trailers = readonly (readonly [name: string, value: string])[];

/** What grpc-js takes as the outcome of a unary call and, through `endWithStatus`, of a stream. */
export function toStatus({ code, message }: Refusal, trailers: Trailers = []): Partial<StatusObject> {
  const metadata = new Metadata();
  for (const [name, value] of trailers) metadata.set(name, value);
  return { code: statusCodes[code], details: message.slice(0, detailsMaxLength).toWellFormed(), metadata };
}

interface ServerSideStream {
  emit(event: "error", status: Partial<StatusObject>): boolean;
  end(): unknown;
}

/** Ends a server's stream after what was written; without a refusal with OK. */
export function endWithStatus(stream: ServerSideStream, refusal: Refusal | undefined, trailers?: Trailers): void {
  // grpc-js takes the final status of a stream as an "error" event; its own listener then ends the stream.
  if (refusal === undefined) stream.end();
  else stream.emit("error", toStatus(refusal, trailers));
}
