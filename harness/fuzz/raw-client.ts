/** Sends bytes to a node over gRPC, whatever they are, and hears how the node takes them. Each call ends within its deadline. */

import * as grpc from "@grpc/grpc-js";
import type { Rpc } from "./message-schema.ts";

/** A node that has not answered by then hangs, on a busy machine, too. */
const deadlineMs = 15_000;

/** How long an answer on a stream is waited for before the next message is sent: some messages have none. */
const answerWaitMs = 15;

/** Kept of a stream that does not end by itself; more would tell nothing more. */
const answersMax = 1_000;

const identity = (bytes: Buffer): Buffer => bytes;

export interface Outcome {
  readonly code: number;
  readonly message: string;
  readonly answers: readonly Uint8Array[];
  readonly streamId: string | undefined;
}

/** A subscription that goes on. */
export interface OpenStream extends Outcome {
  /** Resolves when it has ended, from either side. */
  readonly ended: Promise<void>;
  close(): void;
}

export class RawClient {
  readonly #client: grpc.Client;

  constructor(address: string) {
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 500,
    });
  }

  close(): void {
    this.#client.close();
  }

  /** Makes the call to its end; a stream of answers is left after its first. */
  async send(rpc: Rpc, streamId: string | undefined, messages: readonly (() => Uint8Array)[]): Promise<Outcome> {
    if (rpc.kind === "bidi") return this.#converse(rpc.path, streamId, messages);
    const message = messages[0]?.() ?? new Uint8Array();
    if (rpc.kind === "unary") return this.unary(rpc.path, message, streamId);
    const opened = await this.open(rpc.path, message, () => undefined, streamId);
    opened.close();
    return opened;
  }

  unary(path: string, message: Uint8Array, streamId?: string): Promise<Outcome> {
    const options = { deadline: Date.now() + deadlineMs };
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(path, identity, identity, Buffer.from(message), metadataOf(streamId), options, (error, answer) => {
        const answers = answer === undefined ? [] : [answer];
        resolve({ code: error?.code ?? grpc.status.OK, message: error?.details ?? "", answers, streamId: undefined });
      });
    });
  }

  /** Answers once the first answer has come, with code OK, or the stream has ended. */
  open(path: string, message: Uint8Array, answer: (bytes: Uint8Array) => void, streamId?: string): Promise<OpenStream> {
    const stream = this.#client.makeServerStreamRequest(path, identity, identity, Buffer.from(message), metadataOf(streamId));
    let told: string | undefined;
    const answers: Uint8Array[] = [];
    stream.on("metadata", (metadata: grpc.Metadata) => {
      told = streamIdOf(metadata);
    });
    const ended = new Promise<void>((resolve) => {
      stream.on("error", () => resolve());
      stream.on("end", () => resolve());
    });
    return new Promise((resolve) => {
      const settle = (code: number, reason: string): void => {
        clearTimeout(timer);
        resolve({ code, message: reason, answers, streamId: told, ended, close: () => stream.cancel() });
      };
      const timer = setTimeout(() => settle(grpc.status.DEADLINE_EXCEEDED, `no answer for ${deadlineMs} ms`), deadlineMs);
      stream.on("data", (bytes: Buffer) => {
        if (answers.length < answersMax) answers.push(bytes);
        answer(bytes);
        settle(grpc.status.OK, "");
      });
      stream.on("error", (error: grpc.ServiceError) => settle(error.code, error.details));
      stream.on("end", () => settle(grpc.status.OK, ""));
    });
  }

  /** Sends one message after the other, each when the one before was answered or is unlikely to be, then waits for the end. */
  async #converse(path: string, streamId: string | undefined, messages: readonly (() => Uint8Array)[]): Promise<Outcome> {
    const options = { deadline: Date.now() + deadlineMs };
    const stream = this.#client.makeBidiStreamRequest(path, identity, identity, metadataOf(streamId), options);
    const answers: Uint8Array[] = [];
    let heard = (): void => undefined;
    const ended = new Promise<grpc.ServiceError | undefined>((resolve) => {
      stream.on("error", resolve);
      stream.on("end", () => resolve(undefined));
    });
    let isOver = false;
    void ended.then(() => {
      isOver = true;
      heard();
    });
    stream.on("data", (bytes: Buffer) => {
      if (answers.length < answersMax) answers.push(bytes);
      heard();
    });
    for (const message of messages) {
      if (isOver) break;
      const answered = new Promise<void>((resolve) => {
        heard = resolve;
      });
      stream.write(Buffer.from(message()));
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, answerWaitMs))]);
    }
    stream.end();
    const error = await ended;
    return { code: error?.code ?? grpc.status.OK, message: error?.details ?? "", answers, streamId: undefined };
  }
}

function metadataOf(streamId: string | undefined): grpc.Metadata {
  const metadata = new grpc.Metadata();
  if (streamId !== undefined) metadata.set("mesos-stream-id", streamId);
  return metadata;
}

function streamIdOf(metadata: grpc.Metadata): string | undefined {
  const value = metadata.get("mesos-stream-id")[0];
  return typeof value === "string" ? value : undefined;
}
