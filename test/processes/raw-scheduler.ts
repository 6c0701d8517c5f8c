/** A scheduler made of bytes: can send what no client library would. */

import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";

import { Call, Call_Type, Event } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";

const identity = (bytes: Buffer): Buffer => bytes;

export interface Outcome {
  readonly code: number;
  readonly message: string;
}

export interface RawSubscription {
  readonly frameworkId: string;
  readonly streamId: string;
  readonly events: readonly Event[];
  /** Code and message with which the stream ended. */
  readonly ended: Promise<Outcome>;
  cancel(): void;
}

export interface OpenCalls {
  next(request: Uint8Array): Promise<CallResult>;
  /** Code and message with which the stream ended. */
  readonly ended: Promise<Outcome>;
}

export function subscribeCall(frameworkId?: string, { checkpoint = true } = {}): Call {
  const id = frameworkId === undefined ? {} : { id: { value: frameworkId } };
  return Call.fromPartial({
    type: Call_Type.SUBSCRIBE,
    ...(frameworkId === undefined ? {} : { frameworkId: { value: frameworkId } }),
    subscribe: { frameworkInfo: { user: "nobody", name: "raw", failoverTimeout: 3_600, checkpoint, ...id } },
  });
}

export class RawScheduler {
  readonly client: Client;

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.max_send_message_length": -1,
    });
  }

  close(): void {
    this.client.close();
  }

  /** Rejects with the status when the master refuses. */
  subscribe(request: Uint8Array, metadata: Metadata = new Metadata()): Promise<RawSubscription> {
    const stream = this.client.makeServerStreamRequest("/tepui.v1.Scheduler/Subscribe", identity, identity, Buffer.from(request), metadata);
    const events: Event[] = [];
    let streamId = "";
    stream.on("metadata", (received: Metadata) => {
      streamId = String(received.get("mesos-stream-id")[0] ?? "");
    });
    const ended = new Promise<Outcome>((resolve) => {
      stream.on("error", (error: ServiceError) => resolve({ code: error.code, message: error.details }));
      stream.on("end", () => resolve({ code: status.OK, message: "" }));
    });
    return new Promise((resolve, reject) => {
      ended.then(({ code, message }) => reject(new Error(`${status[code]}: ${message}`)), reject);
      stream.on("data", (bytes: Buffer) => {
        const event = Event.decode(bytes);
        events.push(event);
        const frameworkId = event.subscribed?.frameworkId?.value;
        if (frameworkId !== undefined) resolve({ frameworkId, streamId, events, ended, cancel: () => stream.cancel() });
      });
    });
  }

  call(request: Uint8Array, streamId?: string): Promise<Outcome> {
    return this.unary("/tepui.v1.Scheduler/Call", request, streamId);
  }

  unary(path: string, request: Uint8Array, streamId?: string): Promise<Outcome> {
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(path, identity, identity, Buffer.from(request), metadataOf(streamId), (error) => {
        resolve(error === null ? { code: status.OK, message: "" } : { code: error.code, message: error.details });
      });
    });
  }

  /** A stream of calls that stays open. */
  openCalls(streamId: string): OpenCalls {
    const stream = this.client.makeBidiStreamRequest("/tepui.v1.Scheduler/Calls", identity, identity, metadataOf(streamId));
    const ended = new Promise<Outcome>((resolve) => {
      stream.on("error", (error: ServiceError) => resolve({ code: error.code, message: error.details }));
      stream.on("end", () => resolve({ code: status.OK, message: "" }));
    });
    const next = (request: Uint8Array): Promise<CallResult> => {
      const result = new Promise<CallResult>((resolve) => stream.once("data", (bytes: Buffer) => resolve(CallResult.decode(bytes))));
      stream.write(Buffer.from(request));
      return result;
    };
    return { next, ended };
  }

  /** All calls on one stream; their results in the order in which they came. */
  calls(requests: readonly Uint8Array[], streamId?: string): Promise<readonly CallResult[]> {
    const stream = this.client.makeBidiStreamRequest("/tepui.v1.Scheduler/Calls", identity, identity, metadataOf(streamId));
    const results: CallResult[] = [];
    for (const request of requests) stream.write(Buffer.from(request));
    stream.end();
    return new Promise((resolve, reject) => {
      stream.on("data", (bytes: Buffer) => results.push(CallResult.decode(bytes)));
      stream.on("end", () => resolve(results));
      stream.on("error", reject);
    });
  }
}

function metadataOf(streamId: string | undefined): Metadata {
  const metadata = new Metadata();
  if (streamId !== undefined) metadata.set("mesos-stream-id", streamId);
  return metadata;
}
