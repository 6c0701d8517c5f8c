/** A framework that only measures: one subscription and one ordered stream of calls, with nothing of the SDK in between. */

import { type Client, type ClientDuplexStream, type ClientReadableStream, Metadata, type ServiceError } from "@grpc/grpc-js";

import {
  FrameworkInfo,
  type Offer,
  Offer_Operation,
  Offer_Operation_Type,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from "../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type, Event, Event_Type } from "../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { CallResult } from "../protos/gen/tepui/v1/scheduler_service.ts";
import { createChannel } from "../runtime/grpc/channel.ts";
import { roomIn } from "./tasks.ts";
import type { Traffic } from "./traffic.ts";

const identity = (bytes: Buffer): Buffer => bytes;
const streamIdKey = "mesos-stream-id";

export interface BenchOffer {
  readonly offerId: string;
  readonly agentId: string;
  /** Tasks that fit into it. */
  readonly room: number;
}

export interface BenchUpdate {
  readonly taskId: string;
  readonly state: TaskState;
  /** As it came, for people. */
  readonly message: string;
}

export interface BenchFrameworkOptions {
  readonly port: number;
  readonly onOffers: (offers: readonly BenchOffer[]) => void;
  readonly onRescind: (offerId: string) => void;
  /** An update is acknowledged before it is told. */
  readonly onUpdate: (update: BenchUpdate) => void;
  /** Told of a refused call and of a stream that ended: neither may happen. */
  readonly onProblem: (problem: string) => void;
  readonly traffic?: Traffic;
}

/** Everything of a call but its own part. */
const emptyCall = Call.fromPartial({});

export class BenchFramework {
  readonly #options: BenchFrameworkOptions;
  readonly #channel: Client;
  readonly #events: ClientReadableStream<Buffer>;
  readonly #opened = Promise.withResolvers<void>();
  #calls: ClientDuplexStream<Buffer, Buffer> | undefined;
  #frameworkId = "";
  #isClosed = false;

  private constructor(options: BenchFrameworkOptions) {
    this.#options = options;
    this.#channel = createChannel({ host: "127.0.0.1", port: options.port });
    const frameworkInfo = FrameworkInfo.fromPartial({
      user: "nobody",
      name: "bench",
      failoverTimeout: 3_600,
      checkpoint: true,
      roles: ["bench"],
      capabilities: [{ type: 6 }],
    });
    const call = Call.encode({ ...emptyCall, type: Call_Type.SUBSCRIBE, subscribe: { frameworkInfo, suppressedRoles: [] } }).finish();
    this.#events = this.#channel.makeServerStreamRequest("/tepui.v1.Scheduler/Subscribe", identity, identity, Buffer.from(call));
    this.#events.on("metadata", (metadata: Metadata) => this.#openCalls(String(metadata.get(streamIdKey)[0])));
    this.#events.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#events.on("error", (error: ServiceError) => this.#problem(`the subscription ended: ${error.message}`));
  }

  /** Resolves when the framework has its id. */
  static async subscribe(options: BenchFrameworkOptions): Promise<BenchFramework> {
    const framework = new BenchFramework(options);
    await framework.#opened.promise;
    return framework;
  }

  /** Launches `tasks` on one offer; what they leave of it is offered again. */
  launch({ offerId }: BenchOffer, taskInfos: TaskInfo[]): void {
    const operation: Offer_Operation = { ...launchOperation, launch: { taskInfos } };
    const accept = { offerIds: [{ value: offerId }], operations: [operation], filters: { refuseSeconds: 0 } };
    this.#send({ ...emptyCall, type: Call_Type.ACCEPT, accept });
  }

  decline({ offerId }: BenchOffer, refuseSeconds: number): void {
    const decline = { offerIds: [{ value: offerId }], filters: { refuseSeconds } };
    this.#send({ ...emptyCall, type: Call_Type.DECLINE, decline });
  }

  revive(): void {
    this.#send({ ...emptyCall, type: Call_Type.REVIVE, revive: { roles: [] } });
  }

  #acknowledge({ agentId, taskId, uuid }: TaskStatus): void {
    if (agentId === undefined || uuid === undefined || uuid.length === 0) return;
    this.#send({ ...emptyCall, type: Call_Type.ACKNOWLEDGE, acknowledge: { agentId, taskId, uuid } });
  }

  kill(taskId: string, agentId: string): void {
    this.#send({ ...emptyCall, type: Call_Type.KILL, kill: { taskId: { value: taskId }, agentId: { value: agentId } } });
  }

  close(): void {
    this.#isClosed = true;
    this.#events.cancel();
    this.#calls?.cancel();
    this.#channel.close();
  }

  #send(call: Call): void {
    const bytes = Buffer.from(Call.encode({ ...call, frameworkId: { value: this.#frameworkId } }).finish());
    this.#options.traffic?.toMaster(bytes.length);
    this.#calls?.write(bytes);
  }

  #receive(bytes: Buffer): void {
    this.#options.traffic?.fromMaster();
    const event = Event.decode(bytes);
    if (event.type === Event_Type.ERROR) this.#problem(`the master said: ${event.error?.message ?? "ERROR"}`);
    if (event.type === Event_Type.SUBSCRIBED) {
      this.#frameworkId = event.subscribed?.frameworkId?.value ?? "";
      this.#opened.resolve();
      return;
    }
    const { offers, rescind, update } = event;
    if (offers !== undefined) this.#options.onOffers(offers.offers.map(toBenchOffer));
    if (rescind !== undefined) this.#options.onRescind(rescind.offerId?.value ?? "");
    if (update?.status !== undefined) this.#update(update.status);
  }

  #update(status: TaskStatus): void {
    this.#acknowledge(status);
    const { taskId, state, message } = status;
    this.#options.onUpdate({ taskId: taskId?.value ?? "", state, message: message ?? "" });
  }

  #openCalls(streamId: string): void {
    const metadata = new Metadata();
    metadata.set(streamIdKey, streamId);
    const calls = this.#channel.makeBidiStreamRequest("/tepui.v1.Scheduler/Calls", identity, identity, metadata);
    calls.on("data", (bytes: Buffer) => {
      this.#options.traffic?.fromMaster();
      const { index, code, message } = CallResult.decode(bytes);
      if (code !== 0) this.#problem(`call ${index} was refused with code ${code}: ${message}`);
    });
    calls.on("error", (error: ServiceError) => this.#problem(`the stream of calls ended: ${error.message}`));
    this.#calls = calls;
  }

  #problem(problem: string): void {
    if (this.#isClosed) return;
    this.#opened.reject(new Error(problem));
    this.#options.onProblem(problem);
  }
}

function toBenchOffer(offer: Offer): BenchOffer {
  return { offerId: offer.id?.value ?? "", agentId: offer.agentId?.value ?? "", room: roomIn(offer) };
}

const launchOperation = Offer_Operation.fromPartial({ type: Offer_Operation_Type.LAUNCH });
