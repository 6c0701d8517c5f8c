/** A channel carries bytes both ways and is told why its stream ended. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { describe, it } from "mocha";

import { createChannel, openStream } from "../../../runtime/grpc/channel.ts";
import { createGrpcServer, type Method } from "../../../runtime/grpc/server.ts";
import { endWithStatus } from "../../../runtime/grpc/status.ts";

const descriptors = readFileSync(new URL("../../../protos/gen/descriptors.binpb", import.meta.url));

/** Gives back what it gets; ends with a refusal once the client has nothing more to say. */
const echo: Method = {
  kind: "bidi",
  handle: (stream) => {
    stream.on("data", (bytes: Uint8Array) => stream.write(bytes));
    stream.on("end", () => endWithStatus(stream, { code: "FAILED_PRECONDITION", message: "this master does not lead" }));
  },
};

describe("channel", () => {
  it("streams bytes both ways and hears the status at the end", async () => {
    const services = [{ name: "tepui.v1.AgentLink", methods: new Map([["Connect", echo]]) }];
    const server = createGrpcServer({ services, descriptors, onFatal: (error) => assert.fail(String(error)) });
    const channel = createChannel({ host: "127.0.0.1", port: await server.listen({ host: "127.0.0.1", port: 0, flag: "--port" }) });
    const stream = openStream(channel, "/tepui.v1.AgentLink/Connect", new Metadata());
    const received: number[] = [];
    stream.on("data", (bytes: Buffer) => received.push(...bytes));
    stream.write(Uint8Array.of(1, 2));
    stream.write(Uint8Array.of(3));
    stream.end();
    const error = await new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    assert.deepEqual(received, [1, 2, 3]);
    assert.deepEqual([error.code, error.details], [status.FAILED_PRECONDITION, "this master does not lead"]);
    channel.close();
    await server.close();
  });

  it("reports a server that is not there as UNAVAILABLE", async () => {
    const channel = createChannel({ host: "127.0.0.1", port: 1 });
    const stream = openStream(channel, "/tepui.v1.AgentLink/Connect", new Metadata());
    const error = await new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    assert.equal(error.code, status.UNAVAILABLE);
    channel.close();
  });
});
