/** The workload's operator on a real cluster: orders and events over gRPC, as bytes. */

import * as grpc from "@grpc/grpc-js";
import type { OperatorConnection, OrderOutcome, StreamHandler } from "../cluster.ts";
import { callTimeoutMs, codeName, unaryOutcome } from "./call-outcome.ts";
import { identity, MasterClient } from "./master-client.ts";

export class GrpcOperator implements OperatorConnection {
  readonly #master: MasterClient;

  constructor(addressOf: () => string) {
    this.#master = new MasterClient(addressOf);
  }

  order(rpc: string, request: Uint8Array, settled: (outcome: OrderOutcome) => void): void {
    const options = { deadline: Date.now() + callTimeoutMs };
    const path = `/tepui.v1.MasterOperator/${rpc}`;
    this.#master.get().makeUnaryRequest(path, identity, identity, Buffer.from(request), new grpc.Metadata(), options, (error, answer) => {
      const outcome = unaryOutcome(error);
      settled(outcome.kind === "ok" ? { ...outcome, answer: answer ?? new Uint8Array() } : outcome);
    });
  }

  subscribe(handler: Omit<StreamHandler, "opened">): void {
    let isOpen = true;
    const close = (reason: string): void => {
      if (!isOpen) return;
      isOpen = false;
      handler.closed(reason);
    };
    const events = this.#master.get().makeServerStreamRequest("/tepui.v1.MasterOperator/Subscribe", identity, identity, Buffer.alloc(0));
    events.on("data", (bytes: Buffer) => handler.event(bytes));
    events.on("error", (error: grpc.ServiceError) => close(`${codeName(error.code)}: ${error.details}`));
    events.on("end", () => close("OK: the master ended the stream"));
  }

  close(): void {
    this.#master.close();
  }
}
