/** Messages of a stream leave together, in order and before the status, up to a bound. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";

import { pipelineWrites } from "../../../runtime/grpc/pipelined-writes.ts";
import { createGrpcServer, type GrpcServer, type ServerStream } from "../../../runtime/grpc/server.ts";
import { endWithStatus } from "../../../runtime/grpc/status.ts";

const descriptors = readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url));
const identity = (bytes: Buffer): Buffer => bytes;

const streamMethod: Parameters<typeof pipelineWrites>[0] = {
  path: "/tepui.v1.Scheduler/Subscribe",
  requestStream: false,
  responseStream: true,
  requestDeserialize: identity,
  responseSerialize: identity,
};

describe("pipelined writes", () => {
  let server: GrpcServer;
  let client: Client;
  let opened = Promise.withResolvers<ServerStream>();

  before(async () => {
    const subscribe = { kind: "serverStream", handle: (stream: ServerStream) => opened.resolve(stream) } as const;
    server = createGrpcServer({
      services: [{ name: "tepui.v1.Scheduler", methods: new Map([["Subscribe", subscribe]]) }],
      descriptors,
      onFatal: (error) => assert.fail(String(error)),
    });
    const port = await server.listen({ host: "127.0.0.1", port: 0, flag: "--port" });
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await server.close();
  });

  async function open(): Promise<{ readonly sender: ServerStream; readonly receiver: ClientReadableStream<Buffer> }> {
    opened = Promise.withResolvers();
    const receiver = client.makeServerStreamRequest("/tepui.v1.Scheduler/Subscribe", identity, identity, Buffer.alloc(1));
    receiver.on("error", () => {});
    return { sender: await opened.promise, receiver };
  }

  it("deliver a thousand messages of one turn in their order, and then the status", async () => {
    const { sender, receiver } = await open();
    const received: number[] = [];
    receiver.on("data", (bytes: Buffer) => received.push(bytes.readUInt32BE()));
    for (let index = 0; index < 1_000; index++) {
      const message = Buffer.alloc(4);
      message.writeUInt32BE(index);
      sender.write(message);
    }
    endWithStatus(sender, { code: "ABORTED", message: "that was all" });
    const [error] = (await once(receiver, "error")) as [ServiceError];
    assert.equal(error.code, status.ABORTED);
    assert.deepEqual(
      received,
      Array.from({ length: 1_000 }, (_, index) => index),
    );
  });

  it("take messages at once up to a bound, and the next one when the socket has taken enough", () => {
    const written: (() => void)[] = [];
    const fake = { sendMetadata: () => {}, sendMessage: (_: unknown, done: () => void) => written.push(done) };
    const call = pipelineWrites(streamMethod, fake as unknown as Parameters<typeof pipelineWrites>[1]);
    let takenCount = 0;
    const send = (): void => call.sendMessage(Buffer.alloc(64 * 1024), () => takenCount++);
    for (let count = 0; count < 5; count++) send();
    assert.equal(takenCount, 4);
    written.shift()?.();
    assert.equal(takenCount, 5);
    send();
    assert.equal(takenCount, 5);
    for (const done of written.splice(0)) done();
    assert.equal(takenCount, 6);
  });
});
