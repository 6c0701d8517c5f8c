/** Which master the operator's client asks, and when it asks another one. */

import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { CallError } from "../../client/call-error.ts";
import { OperatorClient } from "../../client/operator-client.ts";
import { TcpProxy } from "../../harness/processes/tcp-proxy.ts";
import { Response_GetAgents } from "../../protos/gen/mesos/v1/master/master.ts";

interface Given {
  readonly code: grpc.status;
  readonly details: string;
  readonly trailers?: Readonly<Record<string, string>>;
}

const standby: Given = { code: grpc.status.UNAVAILABLE, details: "knows no leader", trailers: { "tepui-not-leading": "1" } };
const stopping: Given = { code: grpc.status.UNAVAILABLE, details: "the master stops" };

/** Answers each call with what is given, or with these bytes, or never; notes what it was asked. */
class FakeOperatorService implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server = new grpc.Server();
  #port = 0;

  static async start(answer: () => Given | Uint8Array | undefined): Promise<FakeOperatorService> {
    const service = new FakeOperatorService();
    const identity = (bytes: Buffer): Buffer => bytes;
    const methods = ["GetAgents", "DrainAgent"].map((name) => [
      name,
      {
        path: `/tepui.v1.MasterOperator/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    ]);
    const handle =
      (name: string): grpc.handleUnaryCall<Buffer, Buffer> =>
      (_, reply) => {
        service.asked.push(name);
        const given = answer();
        if (given === undefined) return;
        if (given instanceof Uint8Array) reply(null, Buffer.from(given));
        else reply({ code: given.code, details: given.details, metadata: grpc.Metadata.fromHttp2Headers({ ...given.trailers }) });
      };
    service.#server.addService(Object.fromEntries(methods), { GetAgents: handle("GetAgents"), DrainAgent: handle("DrainAgent") });
    service.#port = await new Promise((resolve, reject) => {
      const done = (error: Error | null, port: number): void => (error === null ? resolve(port) : reject(error));
      service.#server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), done);
    });
    return service;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}

async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => assert.fail("it was taken"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CallError);
  return error;
}

describe("OperatorClient", () => {
  it("gives an order to the next master when one does not lead, and when nobody listens", async () => {
    await using gone = await FakeOperatorService.start(() => standby);
    const nowhere = gone.address;
    await gone[Symbol.asyncDispose]();
    await using first = await FakeOperatorService.start(() => standby);
    await using leader = await FakeOperatorService.start(() => new Uint8Array());
    using operator = new OperatorClient({ masters: [nowhere, first.address, leader.address] });
    await operator.drainAgent("A1");
    assert.deepEqual([first.asked, leader.asked], [["DrainAgent"], ["DrainAgent"]]);
  });

  it("follows the hint of a master that knows the leader, and asks that one first from then on", async () => {
    await using leader = await FakeOperatorService.start(() => new Uint8Array());
    const trailers = { "tepui-not-leading": "1", "tepui-leader": leader.address };
    await using first = await FakeOperatorService.start(() => ({ code: grpc.status.FAILED_PRECONDITION, details: "not me", trailers }));
    using operator = new OperatorClient({ masters: [first.address] });
    await operator.drainAgent("A1");
    await operator.drainAgent("A2");
    assert.deepEqual([first.asked.length, leader.asked.length], [1, 2]);
  });

  // The order may have taken effect, and another one may have come in between.
  it("gives no order twice whose outcome nobody knows, after a master that stops as after a broken connection", async () => {
    for (const isBroken of [false, true]) {
      await using first = await FakeOperatorService.start(() => {
        if (isBroken) proxy.drop();
        return isBroken ? undefined : stopping;
      });
      const proxy = await TcpProxy.start({ host: "127.0.0.1", port: first.port });
      await using second = await FakeOperatorService.start(() => new Uint8Array());
      using operator = new OperatorClient({ masters: [`127.0.0.1:${proxy.port}`, second.address] });
      const error = await failureOf(operator.drainAgent("A1"));
      assert.deepEqual([error.code, error.refused], ["UNAVAILABLE", false], error.message);
      assert.match(error.message, /has an unknown outcome/);
      assert.deepEqual([first.asked, second.asked], [["DrainAgent"], []]);
      await proxy.stop();
    }
  });

  it("asks a question of the next master whatever became of it at the first", async () => {
    await using first = await FakeOperatorService.start(() => stopping);
    await using second = await FakeOperatorService.start(() => new Uint8Array());
    using operator = new OperatorClient({ masters: [first.address, second.address] });
    await operator.getAgents();
    assert.deepEqual([first.asked, second.asked], [["GetAgents"], ["GetAgents"]]);
  });

  it("takes an answer about a large cluster", async () => {
    const agents = Array.from({ length: 30_000 }, (_, index) => ({
      agentInfo: { hostname: `${"x".repeat(300)}-${index}` },
      version: "1",
      active: true,
    }));
    const bytes = Response_GetAgents.encode(Response_GetAgents.fromPartial({ agents })).finish();
    assert.ok(bytes.length > 8 * 1024 * 1024);
    await using leader = await FakeOperatorService.start(() => bytes);
    using operator = new OperatorClient({ masters: [leader.address] });
    assert.equal((await operator.getAgents()).agents.length, agents.length);
  });
});
