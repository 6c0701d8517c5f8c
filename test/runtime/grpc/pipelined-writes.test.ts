/** Messages of a stream leave together, in order and before the status, and wait when the peer does not read. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";

import { createGrpcServer, type GrpcServer, type ServerStream } from "../../../runtime/grpc/server.ts";
import { endWithStatus } from "../../../runtime/grpc/status.ts";

const descriptors = readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url));
const identity = (bytes: Buffer): Buffer => bytes;

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

  it("keep what a peer does not read in front of the stream, and go on when it reads", async () => {
    const { sender, receiver } = await open();
    const message = Buffer.alloc(64 * 1024);
    const count = 200;
    for (let index = 0; index < count; index++) sender.write(message);
    await pause(50);
    assert.ok(sender.writableLength > count / 2, `${sender.writableLength} of ${count} wait in front of the stream`);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      receiver.on("data", () => {
        if (++received === count) resolve();
      });
    });
    await all;
    receiver.cancel();
  });
});
