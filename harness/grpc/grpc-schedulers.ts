/**
 * The workload's way to a real master: bytes over gRPC, with nothing of the SDK in between, so that a framework of the
 * workload can also do what the SDK would never do (stale stream ids, calls without a subscription).
 */

import * as grpc from "@grpc/grpc-js";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";
import type { CallOutcome, SchedulerConnection, SchedulerStream, StreamHandler } from "../cluster.ts";
import type { FrameworkName } from "../history/event.ts";
import { callTimeoutMs, codeName, unaryOutcome } from "./call-outcome.ts";
import { identity, newClient } from "./master-client.ts";

const streamIdKey = "mesos-stream-id";

/** The ordered stream of calls that belongs to one subscription. */
interface CallStream {
  readonly stream: grpc.ClientDuplexStream<Buffer, Buffer>;
  readonly waiting: ((outcome: CallOutcome) => void)[];
}

export class GrpcSchedulers implements SchedulerConnection {
  readonly #addressOf: () => string;
  readonly #calls = new Map<string, CallStream>();
  readonly #clients = new Set<grpc.Client>();
  #unary: { readonly address: string; readonly client: grpc.Client } | undefined;

  /** `addressOf` answers the master to turn to now, as host:port. */
  constructor(addressOf: () => string) {
    this.#addressOf = addressOf;
  }

  subscribe(_framework: FrameworkName, call: Uint8Array, handler: StreamHandler): SchedulerStream {
    const client = this.#newClient(this.#addressOf());
    let streamId: string | undefined;
    let open = true;
    const close = (reason: string): void => {
      if (!open) return;
      open = false;
      if (streamId !== undefined) this.#closeCalls(streamId, reason);
      this.#closeClient(client);
      handler.closed(reason);
    };
    const events = client.makeServerStreamRequest("/tepui.v1.Scheduler/Subscribe", identity, identity, Buffer.from(call));
    events.on("metadata", (metadata: grpc.Metadata) => {
      const value = metadata.get(streamIdKey)[0];
      if (typeof value !== "string" || !open) return;
      streamId = value;
      this.#openCalls(client, value);
      handler.opened(value);
    });
    events.on("data", (bytes: Buffer) => {
      if (open) handler.event(bytes);
    });
    events.on("error", (error: grpc.ServiceError) => close(`${codeName(error.code)}: ${error.details}`));
    events.on("end", () => close("OK: the master ended the stream"));
    return {
      close: () => {
        events.cancel();
        close("CANCELLED: closed by the framework");
      },
    };
  }

  call(_framework: FrameworkName, streamId: string | undefined, call: Uint8Array, settled: (outcome: CallOutcome) => void): void {
    const calls = streamId === undefined ? undefined : this.#calls.get(streamId);
    if (calls === undefined) {
      this.#unaryCall(streamId, call, settled);
      return;
    }
    let open = true;
    const settle = (outcome: CallOutcome): void => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      settled(outcome);
    };
    const timer = setTimeout(() => settle({ kind: "info", reason: `no answer for ${callTimeoutMs} ms` }), callTimeoutMs);
    calls.waiting.push(settle);
    calls.stream.write(Buffer.from(call));
  }

  closeAll(): void {
    for (const streamId of [...this.#calls.keys()]) this.#closeCalls(streamId, "the harness ended");
    for (const client of [...this.#clients]) this.#closeClient(client);
    this.#unary = undefined;
  }

  #openCalls(client: grpc.Client, streamId: string): void {
    const metadata = new grpc.Metadata();
    metadata.set(streamIdKey, streamId);
    const stream = client.makeBidiStreamRequest("/tepui.v1.Scheduler/Calls", identity, identity, metadata);
    const waiting: ((outcome: CallOutcome) => void)[] = [];
    stream.on("data", (bytes: Buffer) => {
      const result = CallResult.decode(bytes);
      const settle = waiting.shift();
      settle?.(result.code === 0 ? { kind: "ok" } : { kind: "fail", code: codeName(result.code), message: result.message });
    });
    stream.on("error", (error: grpc.ServiceError) => this.#closeCalls(streamId, `${codeName(error.code)}: ${error.details}`));
    stream.on("end", () => this.#closeCalls(streamId, "the master ended the stream of calls"));
    this.#calls.set(streamId, { stream, waiting });
  }

  #closeCalls(streamId: string, reason: string): void {
    const calls = this.#calls.get(streamId);
    if (calls === undefined) return;
    this.#calls.delete(streamId);
    calls.stream.cancel();
    for (const settle of calls.waiting.splice(0)) settle({ kind: "info", reason });
  }

  #unaryCall(streamId: string | undefined, call: Uint8Array, settled: (outcome: CallOutcome) => void): void {
    const metadata = new grpc.Metadata();
    if (streamId !== undefined) metadata.set(streamIdKey, streamId);
    const address = this.#addressOf();
    if (this.#unary?.address !== address) {
      if (this.#unary !== undefined) this.#closeClient(this.#unary.client);
      this.#unary = { address, client: this.#newClient(address) };
    }
    const client = this.#unary.client;
    const options = { deadline: Date.now() + callTimeoutMs };
    client.makeUnaryRequest("/tepui.v1.Scheduler/Call", identity, identity, Buffer.from(call), metadata, options, (error) => {
      settled(unaryOutcome(error));
    });
  }

  #newClient(address: string): grpc.Client {
    const client = newClient(address);
    this.#clients.add(client);
    return client;
  }

  #closeClient(client: grpc.Client): void {
    this.#clients.delete(client);
    client.close();
  }
}
