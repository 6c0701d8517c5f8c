/** A stranger's way to the AgentLink of a real leader, over gRPC. */

import * as grpc from "@grpc/grpc-js";
import type { StrangerConnection, StrangerHandler } from "../cluster.ts";
import { identity, MasterClient } from "./master-client.ts";

/** Long enough for an answer, also of a busy machine. */
const linkMs = 5_000;

export class GrpcStrangers implements StrangerConnection {
  readonly #master: MasterClient;
  readonly #links = new Set<grpc.ClientDuplexStream<Buffer, Buffer>>();

  constructor(addressOf: () => string) {
    this.#master = new MasterClient(addressOf);
  }

  speak(messages: Uint8Array, handler: StrangerHandler): void {
    const link = this.#master.get().makeBidiStreamRequest("/tepui.v1.AgentLink/Connect", identity, identity);
    this.#links.add(link);
    const timer = setTimeout(() => link.cancel(), linkMs);
    // What it says is in the status, too.
    link.on("error", () => undefined);
    link.on("data", (bytes: Buffer) => handler.received(bytes));
    link.on("status", ({ code, details }: grpc.StatusObject) => {
      clearTimeout(timer);
      this.#links.delete(link);
      if (code === grpc.status.CANCELLED) return;
      // A master that has nothing to say says nothing until it refuses.
      if (code !== grpc.status.UNAVAILABLE) handler.opened();
      handler.closed(code === grpc.status.OK ? "ended by the master" : `${grpc.status[code]}: ${details}`);
    });
    link.write(Buffer.from(messages));
  }

  close(): void {
    for (const link of this.#links) link.cancel();
    this.#master.close();
  }
}
