/** A server's stream of messages as an async iterable, whose failure is the one error of the SDK. */

import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { CallError } from "./call-error.ts";
import { type Operation, toCallError } from "./unary-call.ts";

export interface StreamRequest {
  readonly address: string;
  readonly bytes: Uint8Array;
  /** How long the server may take for the next message once it is waited for, by now; without it, or where undefined, any time. */
  readonly silenceMaxMs?: () => number | undefined;
}

/** Encoded messages until the server ends the stream or falls silent; whoever stops reading cancels it. Throws CallError. */
export async function* readStream(client: Client, operation: Operation, request: StreamRequest): AsyncGenerator<Uint8Array> {
  const { address, bytes, silenceMaxMs } = request;
  const path = `/${operation.service}/${operation.name}`;
  const stream = client.makeServerStreamRequest(path, identity, identity, Buffer.from(bytes), new Metadata());
  // The iterator reports the error, too; one that comes after it has ended is nobody's.
  stream.on("error", () => undefined);
  let silentMs: number | undefined;
  const watch = (): NodeJS.Timeout | undefined => {
    const afterMs = silenceMaxMs?.();
    if (afterMs === undefined) return undefined;
    return setTimeout(() => {
      silentMs = afterMs;
      stream.cancel();
    }, afterMs);
  };
  let watchdog = watch();
  try {
    for await (const message of stream) {
      clearTimeout(watchdog);
      yield message as Buffer;
      watchdog = watch();
    }
  } catch (error) {
    if (silentMs === undefined) throw toCallError(operation, address, error as ServiceError);
    const reason = `${address} said nothing for ${silentMs / 1_000} s`;
    throw new CallError({ call: operation.name, code: "UNAVAILABLE", reason, refused: false, reads: operation.reads });
  } finally {
    clearTimeout(watchdog);
    stream.cancel();
  }
}

const identity = (bytes: Buffer): Buffer => bytes;
