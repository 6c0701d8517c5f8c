/** A server's stream of messages as an async iterable, whose failure is the one error of the SDK. */

import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Operation, toCallError } from "./unary-call.ts";

export interface StreamRequest {
  readonly address: string;
  readonly bytes: Uint8Array;
}

/** Encoded messages until the server ends the stream; whoever stops reading cancels it. Throws CallError. */
export async function* readStream(client: Client, operation: Operation, { address, bytes }: StreamRequest): AsyncGenerator<Uint8Array> {
  const path = `/${operation.service}/${operation.name}`;
  const stream = client.makeServerStreamRequest(path, identity, identity, Buffer.from(bytes), new Metadata());
  // The iterator reports the error, too; one that comes after it has ended is nobody's.
  stream.on("error", () => undefined);
  try {
    for await (const message of stream) yield message as Buffer;
  } catch (error) {
    throw toCallError(operation, address, error as ServiceError);
  } finally {
    stream.cancel();
  }
}

const identity = (bytes: Buffer): Buffer => bytes;
