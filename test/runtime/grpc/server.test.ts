/** The gRPC server has limits, health and reflection, hands bytes to handlers, and says clearly what is wrong. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";

import { ListenError } from "../../../runtime/address.ts";
import { createGrpcServer, type GrpcServer, type Method, messageMaxBytes, toBuffer } from "../../../runtime/grpc/server.ts";
import { endWithStatus, toStatus } from "../../../runtime/grpc/status.ts";

const descriptors = readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url));
const identity = (bytes: Buffer): Buffer => bytes;

const methods = new Map<string, Method>([
  ["Call", { kind: "unary", handle: (call, answer) => answer(null, call.request) }],
  [
    "Subscribe",
    {
      kind: "serverStream",
      handle: (stream) => {
        stream.write(stream.request);
        endWithStatus(stream, { code: "NOT_FOUND", message: "no such framework: F1" }, [["tepui-leader", "[::1]:6050"]]);
      },
    },
  ],
  [
    "Calls",
    {
      kind: "bidi",
      handle: () => {
        throw new Error("a bug in a handler");
      },
    },
  ],
]);

describe("gRPC server", () => {
  let server: GrpcServer;
  let client: Client;
  let port: number;
  const fatal = Promise.withResolvers<unknown>();

  before(async () => {
    server = createGrpcServer({ services: [{ name: "tepui.v1.Scheduler", methods }], descriptors, onFatal: fatal.resolve });
    port = await server.listen({ host: "127.0.0.1", port: 0, flag: "--port" });
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.max_send_message_length": -1 });
  });
  after(async () => {
    client.close();
    await server.close();
  });

  function call(path: string, request: Uint8Array): Promise<{ error: ServiceError | null; bytes: Buffer | undefined }> {
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, identity, identity, toBuffer(request), (error, bytes) => resolve({ error, bytes }));
    });
  }

  it("hands bytes to a method and back as they are, none at all included", async () => {
    for (const request of [Uint8Array.of(), Uint8Array.of(255, 0, 1)]) {
      const { error, bytes } = await call("/tepui.v1.Scheduler/Call", request);
      assert.equal(error, null);
      assert.deepEqual([...(bytes ?? [1])], [...request]);
    }
  });

  it("refuses a message over the limit with RESOURCE_EXHAUSTED and the limit, and serves on", async () => {
    const { error } = await call("/tepui.v1.Scheduler/Call", new Uint8Array(messageMaxBytes + 1));
    assert.equal(error?.code, status.RESOURCE_EXHAUSTED);
    assert.match(error.details, new RegExp(String(messageMaxBytes)));
    assert.equal((await call("/tepui.v1.Scheduler/Call", Uint8Array.of(1))).error, null);
  });

  it("answers UNIMPLEMENTED for a method that a service leaves out", async () => {
    const { error } = await call("/tepui.v1.Scheduler/Other", Uint8Array.of());
    assert.equal(error?.code, status.UNIMPLEMENTED);
  });

  it("ends a stream after what was written, with reason and trailing metadata", async () => {
    const stream = client.makeServerStreamRequest("/tepui.v1.Scheduler/Subscribe", identity, identity, Buffer.of(7));
    const received: number[] = [];
    stream.on("data", (bytes: Buffer) => received.push(...bytes));
    const error = await new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    assert.deepEqual(received, [7]);
    assert.equal(error.code, status.NOT_FOUND);
    assert.equal(error.details, "no such framework: F1");
    assert.deepEqual(error.metadata.get("tepui-leader"), ["[::1]:6050"]);
  });

  it("reports what a handler throws instead of swallowing it", async () => {
    const stream = client.makeBidiStreamRequest("/tepui.v1.Scheduler/Calls", identity, identity);
    stream.on("error", () => {});
    assert.match(String(await fatal.promise), /a bug in a handler/);
    stream.cancel();
  });

  it("says through grpc.health.v1 whether it serves", async () => {
    const check = async (): Promise<number | undefined> => (await call("/grpc.health.v1.Health/Check", Uint8Array.of())).bytes?.[1];
    assert.equal(await check(), 2);
    server.setServing(true);
    assert.equal(await check(), 1);
  });

  // Fuzzing, seed 9205: the name came back in the trailers, larger than a client takes, which saw a broken stream instead of an answer.
  it("refuses to look for a service whose name no service can have", async () => {
    const named = (name: Buffer): Buffer => Buffer.concat([Buffer.of(0x0a, 0x80 | (name.length & 0x7f), name.length >> 7), name]);
    const unknown = await call("/grpc.health.v1.Health/Check", named(Buffer.alloc(256, "x")));
    assert.equal(unknown.error?.code, status.NOT_FOUND);
    const { error } = await call("/grpc.health.v1.Health/Check", named(Buffer.alloc(10_000, 0xa5)));
    assert.deepEqual(
      [error?.code, error?.details],
      [status.INVALID_ARGUMENT, "message must be a request of grpc.health.v1.Health: service must have at most 256 characters, has 10000"],
    );
  });

  it("describes its services through reflection", async () => {
    // list_services, field 7 of ServerReflectionRequest.
    const stream = client.makeBidiStreamRequest("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", identity, identity);
    const answer = new Promise<Buffer>((resolve, reject) => stream.on("data", resolve).on("error", reject));
    stream.write(Buffer.of(0x3a, 0x00));
    assert.match((await answer).toString("latin1"), /tepui\.v1\.Scheduler[\s\S]*grpc\.health\.v1\.Health/);
    // file_containing_symbol, field 4.
    const file = new Promise<Buffer>((resolve) => stream.once("data", resolve));
    stream.write(Buffer.concat([Buffer.of(0x22, 21), Buffer.from("grpc.health.v1.Health")]));
    assert.match((await file).toString("latin1"), /health\.proto[\s\S]*HealthCheckRequest/);
    stream.end();
  });

  it("ends a reflection stream that carries something else with INVALID_ARGUMENT", async () => {
    const stream = client.makeBidiStreamRequest("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", identity, identity);
    const ended = new Promise<ServiceError>((resolve) => stream.on("data", () => {}).on("error", resolve));
    stream.write(Buffer.of(0x3a, 0x7f));
    assert.equal((await ended).code, status.INVALID_ARGUMENT);
  });

  it("names flag, port and reason when the port is taken", async () => {
    const other = createGrpcServer({ services: [], descriptors, onFatal: (error) => assert.fail(String(error)) });
    await assert.rejects(other.listen({ host: "127.0.0.1", port, flag: "--port" }), (error) => {
      assert.ok(error instanceof ListenError);
      assert.equal(error.message, `--port ${port}: cannot listen on 127.0.0.1:${port}: another process listens there`);
      return true;
    });
    await other.close();
  });
});

describe("status of a refusal", () => {
  it("can always travel in HTTP/2 trailers: of limited length and well-formed", () => {
    const { details = "" } = toStatus({ code: "INVALID_ARGUMENT", message: `\ud800${"x".repeat(10_000)}` });
    assert.equal(details.length, 2_048);
    assert.ok(details.isWellFormed());
  });
});
