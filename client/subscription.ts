/**
 * One subscription at one master, or at an agent: the event stream, and the ordered stream of calls that goes with it. It lives until
 * either side ends it and is never opened again; the driver makes the next one.
 */

import * as grpc from "@grpc/grpc-js";
import type { StatusCode } from "../common/status-code.ts";
import { CallResult } from "../protos/gen/tepui/v1/scheduler_service.ts";
import { CallError, isUnheard, statusCodeName } from "./call-error.ts";

export const streamIdKey = "mesos-stream-id";
/** Trailing metadata of a master that does not lead: where the leader is, as host:port. */
export const leaderKey = "tepui-leader";
/** Trailing metadata of a master that does not lead, whether it knows the leader or not: it took nothing. */
export const notLeadingKey = "tepui-not-leading";

/** Calls that may wait for their result; more are refused here, so that a stalled master cannot fill the memory. */
const callsInFlightMax = 10_000;

/** Largest message in either direction; the master's own limit. */
const messageMaxBytes = 16 * 1024 * 1024;

export interface SubscriptionEnd {
  readonly code: StatusCode;
  readonly reason: string;
  /** Where the answering master says that the leader is. */
  readonly leader: string | undefined;
}

export const closedByFramework: SubscriptionEnd = { code: "CANCELLED", reason: "closed by the framework", leader: undefined };

interface WaitingCall {
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (error: CallError) => void;
}

const identity = (bytes: Buffer): Buffer => bytes;

export class Subscription {
  readonly #client: grpc.Client;
  readonly #service: string;
  readonly #events: grpc.ClientReadableStream<Buffer>;
  #calls: grpc.ClientDuplexStream<Buffer, Buffer> | undefined;
  readonly #waiting: WaitingCall[] = [];
  #streamId: string | undefined;
  #end: SubscriptionEnd | undefined;

  /** Connects to `address` (host:port) and subscribes with an encoded call. Never throws: failure ends the event stream. */
  constructor(address: string, subscribe: Uint8Array, service = "tepui.v1.Scheduler") {
    this.#service = service;
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": messageMaxBytes,
      "grpc.max_send_message_length": messageMaxBytes,
      // Each subscription gets a connection of its own, so that closing it cannot touch another one's.
      "grpc.use_local_subchannel_pool": 1,
    });
    this.#events = this.#client.makeServerStreamRequest(`/${service}/Subscribe`, identity, identity, Buffer.from(subscribe));
    this.#events.on("metadata", (metadata: grpc.Metadata) => this.#opened(metadata));
    // The async iterator of `events` reports the error, too; without a listener Node would end the process.
    this.#events.on("error", (error: grpc.ServiceError) => this.#finish(toEnd(error)));
  }

  get streamId(): string | undefined {
    return this.#streamId;
  }

  /** Encoded events until the subscription ends; the reader's pace is the stream's pace. Answers how it ended. */
  async *events(): AsyncGenerator<Uint8Array, SubscriptionEnd> {
    try {
      for await (const bytes of this.#events) yield bytes as Buffer;
    } catch (error) {
      if (this.#end === undefined) this.#finish(toEnd(error as grpc.ServiceError));
    }
    return this.#finish({ code: "OK", reason: "the master ended the stream", leader: undefined });
  }

  /** Sends an encoded call in order. Resolves when the other side took it; rejects with a CallError. */
  send(name: string, call: Uint8Array): Promise<void> {
    if (this.#calls === undefined || this.#end !== undefined) return Promise.reject(notSubscribed(name));
    if (this.#waiting.length >= callsInFlightMax) {
      const reason = `${callsInFlightMax} calls wait for their result already`;
      return Promise.reject(new CallError({ call: name, code: "RESOURCE_EXHAUSTED", reason, refused: true }));
    }
    const calls = this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject });
      calls.write(Buffer.from(call));
    });
  }

  /** Waiting calls are rejected with `end`'s reason. */
  close(end: SubscriptionEnd = closedByFramework): void {
    this.#finish(end);
  }

  #opened(metadata: grpc.Metadata): void {
    const streamId = metadata.get(streamIdKey)[0];
    if (typeof streamId !== "string" || this.#end !== undefined) return;
    this.#streamId = streamId;
    const callMetadata = new grpc.Metadata();
    callMetadata.set(streamIdKey, streamId);
    const calls = this.#client.makeBidiStreamRequest(`/${this.#service}/Calls`, identity, identity, callMetadata);
    calls.on("data", (bytes: Buffer) => this.#settle(CallResult.decode(bytes)));
    calls.on("error", (error: grpc.ServiceError) => this.#finish(toEnd(error)));
    calls.on("end", () => this.#finish({ code: "UNAVAILABLE", reason: "the master ended the stream of calls", leader: undefined }));
    this.#calls = calls;
  }

  #settle(result: CallResult): void {
    const call = this.#waiting.shift();
    if (call === undefined) return;
    if (result.code === 0) call.resolve();
    else call.reject(new CallError({ call: call.name, code: statusCodeName(result.code), reason: result.message, refused: true }));
  }

  #finish(end: SubscriptionEnd): SubscriptionEnd {
    if (this.#end !== undefined) return this.#end;
    this.#end = end;
    this.#events.cancel();
    this.#calls?.cancel();
    for (const call of this.#waiting.splice(0)) {
      call.reject(new CallError({ call: call.name, code: "UNAVAILABLE", reason: end.reason, refused: false }));
    }
    this.#client.close();
    return end;
  }
}

export function notSubscribed(name: string): CallError {
  const reason = "the framework is not subscribed at a master now; wait for the next `subscribed` event";
  return new CallError({ call: name, code: "FAILED_PRECONDITION", reason, refused: true });
}

function toEnd(error: grpc.ServiceError): SubscriptionEnd {
  const leader = error.metadata?.get(leaderKey)[0];
  const code = statusCodeName(error.code);
  return {
    code,
    reason: isUnheard(code, error.details) ? "nobody answers there" : error.details || error.message,
    leader: typeof leader === "string" && leader !== "" ? leader : undefined,
  };
}
