/**
 * Large answers, encoded in slices: each of these generators does a little at a time and yields, so that its caller may let others go
 * first, and answers the bytes at the end. They are those of one message, whichever way it was made.
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { encodeMessage } from "../../common/encode-message.ts";
import { addResources, type Resources } from "../../common/resources.ts";
import {
  Event_Type,
  Response_GetAgents_Agent,
  Response_GetExecutors_Executor,
  Response_GetFrameworks_Framework,
} from "../../protos/gen/mesos/v1/master/master.ts";
import { AgentInfo, Offer, Task } from "../../protos/gen/mesos/v1/mesos.ts";
import type {
  AgentsSnapshot,
  FrameworkSnapshot,
  FrameworksSnapshot,
  Later,
  StateSnapshot,
  TakenTasks,
  TasksSnapshot,
} from "../core/operator/snapshot.ts";

export type Slices = Generator<undefined, Uint8Array>;

/** All slices at once. */
export function finish(slices: Slices): Uint8Array {
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
  }
}

export function* encodeTasks(snapshot: TasksSnapshot): Slices {
  return (yield* tasksBody(snapshot)).finish();
}

export function* encodeAgents(snapshot: AgentsSnapshot): Slices {
  return (yield* agentsBody(snapshot)).finish();
}

export function* encodeFrameworks(snapshot: FrameworksSnapshot): Slices {
  return (yield* frameworksBody(snapshot)).finish();
}

export function* encodeState(snapshot: StateSnapshot): Slices {
  return (yield* stateBody(snapshot)).finish();
}

/** The first event of an operator's stream. */
export function* encodeSubscribed(snapshot: StateSnapshot, heartbeatIntervalMs: number): Slices {
  const subscribed = new Body();
  subscribed.add(1, yield* stateBody(snapshot));
  subscribed.plain(
    new BinaryWriter()
      .tag(2, WireType.Bit64)
      .double(heartbeatIntervalMs / 1_000)
      .finish(),
  );
  const event = new Body();
  event.plain(new BinaryWriter().tag(1, WireType.Varint).int32(Event_Type.SUBSCRIBED).finish());
  event.add(2, subscribed);
  return event.finish();
}

type BodySlices = Generator<undefined, Body>;

function* stateBody({ tasks, executors, frameworks, agents }: StateSnapshot): BodySlices {
  const body = new Body();
  body.add(1, yield* tasksBody(tasks));
  const executorsBody = new Body();
  yield* addMessages(executorsBody, { number: 1, type: Response_GetExecutors_Executor, messages: executors });
  body.add(2, executorsBody);
  body.add(3, yield* frameworksBody(frameworks));
  body.add(4, yield* agentsBody(agents));
  return body;
}

function* tasksBody({ tasks, unreachableTasks, completedTasks }: TasksSnapshot): BodySlices {
  const body = new Body();
  yield* addTasks(body, 2, tasks);
  yield* addTasks(body, 5, unreachableTasks);
  yield* addTasks(body, 3, completedTasks);
  return body;
}

function* agentsBody({ agents, recoveredAgents }: AgentsSnapshot): BodySlices {
  const body = new Body();
  yield* addLater(body, { number: 1, type: Response_GetAgents_Agent, messages: agents });
  yield* addMessages(body, { number: 2, type: AgentInfo, messages: recoveredAgents });
  return body;
}

function* frameworksBody({ frameworks, completedFrameworks }: FrameworksSnapshot): BodySlices {
  const body = new Body();
  for (const framework of frameworks) body.add(1, yield* frameworkBody(framework));
  yield* addLater(body, { number: 2, type: Response_GetFrameworks_Framework, messages: completedFrameworks });
  return body;
}

function* frameworkBody({ held, offered, offers, toMessage }: FrameworkSnapshot): BodySlices {
  const body = new Body();
  const allocated = yield* sumSlowly(held);
  body.plain(encodeMessage(Response_GetFrameworks_Framework, toMessage(allocated, yield* sumSlowly(offered))));
  yield* addLater(body, { number: 7, type: Offer, messages: offers });
  return body;
}

function* sumSlowly(list: readonly Resources[]): Generator<undefined, Resources> {
  let sum: Resources = [];
  for (const resources of list) {
    sum = addResources(sum, resources);
    yield;
  }
  return sum;
}

interface Entries<Message, Entry> {
  /** Of the repeated field. */
  readonly number: number;
  readonly type: Parameters<typeof encodeMessage<Message>>[0];
  readonly messages: readonly Entry[];
}

function* addLater<Message>(body: Body, { number, type, messages }: Entries<Message, Later<Message>>): Generator<undefined> {
  for (const message of messages) {
    body.field(number, encodeMessage(type, message()));
    yield;
  }
}

function* addTasks(body: Body, number: number, tasks: TakenTasks): Generator<undefined> {
  for (let index = 0; index < tasks.length; index++) {
    body.field(number, encodeMessage(Task, tasks.messageOf(index)));
    yield;
  }
}

function* addMessages<Message>(body: Body, { number, type, messages }: Entries<Message, Message>): Generator<undefined> {
  for (const message of messages) {
    body.field(number, encodeMessage(type, message));
    yield;
  }
}

/** Chunks grow with their message up to this: few of them, and little is wasted on small messages. */
const chunkBytes = 256 * 1024;

/** A message in chunks, whose length is known when it is complete. */
class Body {
  readonly #full: Uint8Array[] = [];
  #chunk = new Uint8Array(0);
  #used = 0;
  #length = 0;

  plain(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#used + bytes.length > this.#chunk.length) this.#next(bytes.length);
    this.#chunk.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  field(number: number, bytes: Uint8Array): void {
    this.#header(number, bytes.length);
    this.plain(bytes);
  }

  add(number: number, body: Body): void {
    this.#header(number, body.#length);
    body.#next(0);
    this.#next(0);
    for (const chunk of body.#full) this.#full.push(chunk);
    this.#length += body.#length;
  }

  finish(): Uint8Array {
    this.#next(0);
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#full) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** Begins a chunk with room for so many bytes. */
  #next(bytes: number): void {
    if (this.#used > 0) this.#full.push(this.#chunk.subarray(0, this.#used));
    this.#chunk = new Uint8Array(bytes === 0 ? 0 : Math.max(Math.min(chunkBytes, this.#length), bytes));
    this.#used = 0;
  }

  /** Tag and length, both as varints. */
  #header(number: number, length: number): void {
    if (this.#used + headerMaxBytes > this.#chunk.length) this.#next(headerMaxBytes);
    const began = this.#used;
    this.#chunk[this.#used++] = (number << 3) | WireType.LengthDelimited;
    let rest = length;
    while (rest > 0x7f) {
      this.#chunk[this.#used++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#chunk[this.#used++] = rest;
    this.#length += this.#used - began;
  }
}

/** A tag of a field up to 15, and a length below 2^32. */
const headerMaxBytes = 6;
