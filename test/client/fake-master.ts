/** A master that says what a test wants, as one gRPC server on loopback. It has no state of its own. */

import * as grpc from "@grpc/grpc-js";
import { leaderKey, streamIdKey } from "../../client/subscription.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Event, Event_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";

const identity = (bytes: Buffer): Buffer => bytes;
const handlerBase = {
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
};

/** One subscription as the master sees it. */
export interface FakeSubscription {
  readonly subscribe: Call;
  /** Calls in the order in which they came. */
  readonly calls: Call[];
  send(...events: readonly Event[]): void;
  /** Whether the stream takes more without holding it back. */
  sendBytes(bytes: Buffer): boolean;
  end(): void;
  refuse(code: grpc.status, details: string, leader?: string): void;
  /** Ends the stream of calls while that of events lives on. */
  endCalls(): void;
}

export interface FakeMasterOptions {
  /** Told of each subscription, the first one has number 0; by default it is accepted. */
  readonly onSubscribe?: (subscription: FakeSubscription, number: number) => void;
  /** The answer to a call; undefined: none is given. By default each call is taken. */
  readonly onCall?: (call: Call, subscription: FakeSubscription) => { code: number; message: string } | undefined;
}

export class FakeMaster implements AsyncDisposable {
  readonly subscriptions: FakeSubscription[] = [];
  readonly #server = new grpc.Server();
  readonly #options: FakeMasterOptions;
  readonly #callStreams = new Map<string, grpc.ServerDuplexStream<Buffer, Buffer>>();
  #port = 0;

  private constructor(options: FakeMasterOptions) {
    this.#options = options;
    const definition = {
      Subscribe: { ...handlerBase, path: "/tepui.v1.Scheduler/Subscribe", requestStream: false, responseStream: true },
      Calls: { ...handlerBase, path: "/tepui.v1.Scheduler/Calls", requestStream: true, responseStream: true },
    };
    this.#server.addService(definition as unknown as grpc.ServiceDefinition, {
      Subscribe: (stream: grpc.ServerWritableStream<Buffer, Buffer>) => this.#subscribe(stream),
      Calls: (stream: grpc.ServerDuplexStream<Buffer, Buffer>) => this.#takeCalls(stream),
    });
  }

  static async start(options: FakeMasterOptions = {}): Promise<FakeMaster> {
    const master = new FakeMaster(options);
    await new Promise<void>((resolve, reject) => {
      master.#server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        master.#port = port;
        if (error === null) resolve();
        else reject(error);
      });
    });
    return master;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }

  #subscribe(stream: grpc.ServerWritableStream<Buffer, Buffer>): void {
    const number = this.subscriptions.length;
    const streamId = `stream-${number}`;
    let hasMetadata = false;
    const sendBytes = (bytes: Buffer): boolean => {
      if (!hasMetadata) {
        const metadata = new grpc.Metadata();
        metadata.set(streamIdKey, streamId);
        stream.sendMetadata(metadata);
        hasMetadata = true;
      }
      return stream.write(bytes);
    };
    const subscription: FakeSubscription = {
      subscribe: Call.decode(stream.request),
      calls: [],
      send: (...events) => {
        for (const event of events) sendBytes(Buffer.from(Event.encode(event).finish()));
      },
      sendBytes,
      end: () => void stream.end(),
      refuse: (code, details, leader) => {
        const metadata = new grpc.Metadata();
        if (leader !== undefined) metadata.set(leaderKey, leader);
        stream.emit("error", { code, details, metadata });
      },
      endCalls: () => void this.#callStreams.get(streamId)?.end(),
    };
    this.subscriptions.push(subscription);
    if (this.#options.onSubscribe === undefined) subscription.send(subscribedEvent());
    else this.#options.onSubscribe(subscription, number);
  }

  #takeCalls(stream: grpc.ServerDuplexStream<Buffer, Buffer>): void {
    const streamId = String(stream.metadata.get(streamIdKey)[0]);
    this.#callStreams.set(streamId, stream);
    const subscription = this.subscriptions[Number(streamId.replace("stream-", ""))];
    if (subscription === undefined) throw new Error(`calls on a stream that nobody was given: ${streamId}`);
    let index = 0;
    stream.on("data", (bytes: Buffer) => {
      const call = Call.decode(bytes);
      subscription.calls.push(call);
      const answer = this.#options.onCall === undefined ? { code: 0, message: "" } : this.#options.onCall(call, subscription);
      if (answer !== undefined)
        stream.write(Buffer.from(CallResult.encode(CallResult.fromPartial({ index: BigInt(index++), ...answer })).finish()));
    });
    stream.on("error", () => undefined);
  }
}

export function subscribedEvent(options: { frameworkId?: string; heartbeatSeconds?: number } = {}): Event {
  return Event.fromPartial({
    type: Event_Type.SUBSCRIBED,
    subscribed: { frameworkId: { value: options.frameworkId ?? "F1" }, heartbeatIntervalSeconds: options.heartbeatSeconds ?? 15 },
  });
}

export function errorEvent(message: string): Event {
  return Event.fromPartial({ type: Event_Type.ERROR, error: { message } });
}

export function heartbeatEvent(): Event {
  return Event.fromPartial({ type: Event_Type.HEARTBEAT });
}

export function rescindEvent(offerId: string): Event {
  return Event.fromPartial({ type: Event_Type.RESCIND, rescind: { offerId: { value: offerId } } });
}

export function updateEvent(taskId: string, uuid: string | undefined): Event {
  const status = {
    taskId: { value: taskId },
    agentId: { value: "A1" },
    state: TaskState.TASK_RUNNING,
    ...(uuid === undefined ? {} : { uuid: Buffer.from(uuid) }),
  };
  return Event.fromPartial({ type: Event_Type.UPDATE, update: { status } });
}
