/** The workload's operator on a real cluster: orders over gRPC, as bytes. */

import * as grpc from "@grpc/grpc-js";
import type { OperatorConnection, OrderOutcome } from "../cluster.ts";
import { callTimeoutMs, unaryOutcome } from "./call-outcome.ts";
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

  close(): void {
    this.#master.close();
  }
}
