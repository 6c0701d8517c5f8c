/** The client's end of a connection, in bytes like the server's: wire/ decodes. */

import { Client, type ClientDuplexStream, credentials, type Metadata } from "@grpc/grpc-js";

import { formatAddress } from "../address.ts";
import { messageMaxBytes, toBuffer } from "./server.ts";

/** A link to a process that vanished without a word is noticed after both together. */
const keepaliveTimeMs = 10_000;
const keepaliveTimeoutMs = 5_000;

/** grpc-js would wait up to two minutes between attempts; whoever opens streams here has a backoff of its own. */
const reconnectBackoffMinMs = 50;
const reconnectBackoffMaxMs = 1_000;

export type ClientStream = ClientDuplexStream<Uint8Array, Buffer>;

/** Connects lazily, with the first stream or call. The caller closes it. */
export function createChannel({ host, port }: { readonly host: string; readonly port: number }): Client {
  return new Client(formatAddress(host, port), credentials.createInsecure(), {
    "grpc.max_receive_message_length": 4 * messageMaxBytes,
    "grpc.keepalive_time_ms": keepaliveTimeMs,
    "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
    "grpc.initial_reconnect_backoff_ms": reconnectBackoffMinMs,
    "grpc.max_reconnect_backoff_ms": reconnectBackoffMaxMs,
    // A channel of one's own: closing it ends its connection, and a broken connection is not handed to the next one.
    "grpc.use_local_subchannel_pool": 1,
  });
}

/** Opens a bidirectional stream; `path` is "/package.Service/Method". Listen to "error": an unheard one ends the process. */
export function openStream(channel: Client, path: string, metadata: Metadata): ClientStream {
  return channel.makeBidiStreamRequest(path, toBuffer, (bytes: Buffer) => bytes, metadata);
}
