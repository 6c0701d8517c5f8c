/** A gRPC client for the master to turn to now: made anew when that is another one. */

import * as grpc from "@grpc/grpc-js";

export const identity = (bytes: Buffer): Buffer => bytes;

/** A client with a channel of its own, which notices soon when a master is back. */
export function newClient(address: string): grpc.Client {
  return new grpc.Client(address, grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 500,
    "grpc.max_receive_message_length": -1,
  });
}

export class MasterClient {
  readonly #addressOf: () => string;
  #connection: { readonly address: string; readonly client: grpc.Client } | undefined;

  /** `addressOf` answers the master to turn to now, as host:port. */
  constructor(addressOf: () => string) {
    this.#addressOf = addressOf;
  }

  get(): grpc.Client {
    const address = this.#addressOf();
    if (this.#connection?.address !== address) {
      this.close();
      this.#connection = { address, client: newClient(address) };
    }
    return this.#connection.client;
  }

  close(): void {
    this.#connection?.client.close();
    this.#connection = undefined;
  }
}
