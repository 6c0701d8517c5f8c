/** A service of subscriptions and calls, on a real server: messages are words, and the test is the core that answers. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { StreamId } from "../../../common/ids.ts";
import { type Refusal, refuse, succeed } from "../../../common/result.ts";
import { type CallOrigin, type CallService, createCallService } from "../../../runtime/grpc/call-service.ts";
import { createGrpcServer, type GrpcServer } from "../../../runtime/grpc/server.ts";

const descriptors = readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url));
const identity = (bytes: Buffer): Buffer => bytes;
const bytesOf = (text: string): Buffer => Buffer.from(text);
const path = (method: string): string => `/tepui.v1.Scheduler/${method}`;
const busy: Refusal = { code: "UNAVAILABLE", message: "busy" };

interface Word {
  readonly word: string;
}

describe("a service of subscriptions and calls", () => {
  let service: CallService<Refusal>;
  let server: GrpcServer;
  let client: Client;
  /** What the core was given, in order; a call is answered by the number in `taken`. */
  let heard: string[];
  let taken: CallOrigin[];
  let opened: StreamId[];
  let more: () => void;

  beforeEach(async () => {
    [heard, taken, opened, more] = [[], [], [], () => undefined];
    let callCount = 0;
    const hear = (text: string): void => {
      heard.push(text);
      more();
    };
    service = createCallService<Word, Word>({
      name: "tepui.v1.Scheduler",
      nextCallId: () => ++callCount,
      decode: (bytes) => {
        const word = Buffer.from(bytes).toString();
        if (word === "") return refuse("INVALID_ARGUMENT", "the word must be set");
        return succeed({ kind: word === "SUBSCRIBE" ? "subscribe" : "call", word });
      },
      encodeResult: ({ index, code, message }) => bytesOf(`${index} ${code} ${message}`),
      onSubscribe: (streamId) => {
        opened.push(streamId);
        hear("subscribe");
      },
      onCall: (origin, { word }) => {
        taken.push(origin);
        hear(word);
      },
      onClosed: () => hear("closed"),
      metadataRefusal: (metadata) => (metadata.get("refused").length > 0 ? busy : undefined),
      isAwaited: ({ word }) => word === "AWAITED",
      trailersOf: ({ message }) => [["why", message]],
    });
    server = createGrpcServer({ services: [service.service], descriptors, onFatal: (error) => assert.fail(String(error)) });
    const port = await server.listen({ host: "127.0.0.1", port: 0, flag: "--port" });
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });
  afterEach(async () => {
    client.close();
    await server.close();
  });

  async function hasHeard(...words: readonly string[]): Promise<void> {
    while (heard.length < words.length) await new Promise<void>((resolve) => (more = resolve));
    assert.deepEqual(heard, words);
  }

  function callOne(word: string): Promise<{ readonly error: ServiceError | null; readonly result: string | undefined }> {
    return new Promise((resolve) => {
      client.makeUnaryRequest(path("Call"), identity, identity, bytesOf(word), (error, bytes) =>
        resolve({ error, result: bytes?.toString() }),
      );
    });
  }

  function callMany(metadata = new Metadata()): { stream: ClientDuplexStream<Buffer, Buffer>; results: string[]; ended: Promise<number> } {
    const stream = client.makeBidiStreamRequest(path("Calls"), identity, identity, metadata);
    const results: string[] = [];
    stream.on("data", (bytes: Buffer) => results.push(bytes.toString()));
    stream.on("error", () => undefined);
    const ended = new Promise<number>((resolve) => stream.on("status", ({ code }) => resolve(code)));
    return { stream, results, ended };
  }

  const reply = (index: number, refusal?: Refusal): void => service.reply(taken[index]?.callId ?? -1, refusal);

  async function subscribeRefused(request: string, metadata = new Metadata()): Promise<string> {
    const stream = client.makeServerStreamRequest(path("Subscribe"), identity, identity, bytesOf(request), metadata);
    stream.resume();
    const [error] = await once(stream, "error");
    return error.details;
  }

  it("answers a call alone with what the core says, a refusal with its trailers", async () => {
    const good = callOne("LAUNCH");
    await hasHeard("LAUNCH");
    reply(0);
    assert.deepEqual(await good, { error: null, result: "0 0 " });
    const bad = callOne("KILL");
    await hasHeard("LAUNCH", "KILL");
    reply(1, busy);
    const { error } = await bad;
    assert.deepEqual([error?.code, error?.details, error?.metadata.get("why")], [status.UNAVAILABLE, "busy", ["busy"]]);
  });

  it("answers the calls of a stream in their order, also what never came to the core", async () => {
    const { stream, results, ended } = callMany();
    for (const word of ["a", "", "SUBSCRIBE", "b"]) stream.write(bytesOf(word));
    stream.end();
    await hasHeard("a", "b");
    reply(1, busy);
    reply(0);
    assert.equal(await ended, status.OK);
    const rule = `${status.INVALID_ARGUMENT} type must not be SUBSCRIBE: it goes to the method Subscribe`;
    assert.deepEqual(results, ["0 0 ", `1 ${status.INVALID_ARGUMENT} the word must be set`, `2 ${rule}`, `3 ${status.UNAVAILABLE} busy`]);
  });

  it("lets later calls of the same stream wait for one that is awaited, and those of others not", async () => {
    const [one, other] = [callMany(), callMany()];
    for (const word of ["AWAITED", "next"]) one.stream.write(bytesOf(word));
    await hasHeard("AWAITED");
    other.stream.write(bytesOf("other"));
    await hasHeard("AWAITED", "other");
    reply(0);
    await hasHeard("AWAITED", "other", "next");
    service.closeAll(busy);
    assert.deepEqual(await Promise.all([one.ended, other.ended]), [status.UNAVAILABLE, status.UNAVAILABLE]);
    assert.deepEqual([one.results, other.results], [["0 0 "], []]);
  });

  it("opens a subscription under an id that calls refer to, and tells when it is over", async () => {
    const stream = client.makeServerStreamRequest(path("Subscribe"), identity, identity, bytesOf("SUBSCRIBE"));
    stream.on("error", () => undefined);
    await hasHeard("subscribe");
    const [streamId] = opened;
    assert.ok(streamId !== undefined);
    service.send(streamId, bytesOf("event"));
    const [[metadata], [event]] = await Promise.all([once(stream, "metadata"), once(stream, "data")]);
    assert.equal(event.toString(), "event");
    assert.deepEqual(metadata.get("mesos-stream-id"), [streamId]);
    callMany(metadata).stream.write(bytesOf("mine"));
    await hasHeard("subscribe", "mine");
    assert.equal(taken[0]?.streamId, streamId);
    stream.cancel();
    await hasHeard("subscribe", "mine", "closed");
  });

  it("refuses what is no subscription, and metadata that its owner does not want", async () => {
    assert.equal(await subscribeRefused(""), "the word must be set");
    assert.equal(await subscribeRefused("LAUNCH"), "type must be SUBSCRIBE: other calls go to the methods Call and Calls");
    const metadata = new Metadata();
    metadata.set("refused", "1");
    assert.equal(await subscribeRefused("SUBSCRIBE", metadata), "busy");
    assert.deepEqual(heard, []);
  });
});
