/** Whatever arrives at a real master's sockets, it refuses and lives on. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type ServiceError, status } from "@grpc/grpc-js";
import { after, before, describe, it } from "mocha";

import { createPrng, type Prng } from "../../common/prng.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { MasterProcess } from "./master-process.ts";
import { RawScheduler, subscribeCall } from "./raw-scheduler.ts";

const seed = Math.floor(Math.random() * 2 ** 32);
const rounds = 300;

describe(`master process under garbage (seed ${seed})`, function () {
  this.timeout(30_000);
  let master: MasterProcess;
  let client: RawScheduler;
  let ports: { grpcPort: number; httpPort: number };

  before(async () => {
    master = new MasterProcess(["--registry=memory"]);
    const leading = await master.leading();
    ports = leading;
    client = new RawScheduler(leading.address);
  });
  after(async () => {
    client.close();
    await master.end("SIGKILL");
  });

  async function assertServes(): Promise<void> {
    assert.ok(master.isRunning, "the master runs");
    const { frameworkId, streamId } = await client.subscribe(Call.encode(subscribeCall()).finish());
    const revive = Call.encode(Call.fromPartial({ type: Call_Type.REVIVE, frameworkId: { value: frameworkId } })).finish();
    assert.deepEqual(await client.call(revive, streamId), { code: status.OK, message: "" });
  }

  it("takes or refuses each mutation of a valid call, alone and in a stream, and serves on", async () => {
    const prng = createPrng(seed);
    const { frameworkId, streamId } = await client.subscribe(Call.encode(subscribeCall()).finish());
    const calls = validCalls(frameworkId).map((call) => Call.encode(call).finish());
    const requests = Array.from({ length: rounds }, () => mutate(prng, prng.pick(calls)));
    const outcomes = await Promise.all(requests.map((request) => client.call(request, streamId)));
    const allowed = new Set<number>([
      status.OK,
      status.INVALID_ARGUMENT,
      status.UNIMPLEMENTED,
      status.FAILED_PRECONDITION,
      status.NOT_FOUND,
    ]);
    for (const { code, message } of outcomes) assert.ok(allowed.has(code), `${status[code]}: ${message}`);
    assert.equal((await client.calls(requests, streamId)).length, rounds);
    await assertServes();
  });

  it("takes or refuses each mutation of a subscription", async () => {
    const prng = createPrng(seed);
    const valid = Call.encode(subscribeCall()).finish();
    for (let round = 0; round < rounds / 3; round++) {
      const subscription = await client.subscribe(mutate(prng, valid)).catch((error: Error) => error.message);
      if (typeof subscription !== "string") subscription.cancel();
    }
    await assertServes();
  });

  it("ends the link of an agent that sends noise", async () => {
    const prng = createPrng(seed);
    for (let round = 0; round < 30; round++) {
      const identity = (bytes: Buffer): Buffer => bytes;
      const link = client.client.makeBidiStreamRequest("/tepui.v1.AgentLink/Connect", identity, identity);
      const ended = new Promise<ServiceError>((resolve) => link.on("error", resolve));
      link.on("data", () => {});
      link.write(noise(prng, 1 + prng.nextInt(200)));
      if (prng.chance(0.5)) link.cancel();
      else link.write(Buffer.of(0xff));
      const { code } = await ended;
      assert.ok(code === status.INVALID_ARGUMENT || code === status.CANCELLED, status[code]);
    }
    await assertServes();
  });

  it("survives bytes that are neither HTTP/2 nor HTTP", async () => {
    const prng = createPrng(seed);
    for (const port of [ports.grpcPort, ports.httpPort]) {
      for (let round = 0; round < 20; round++) {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.end(noise(prng, 1 + prng.nextInt(500)));
        socket.resume();
        await once(socket, "close");
      }
    }
    await assertServes();
    assert.equal((await fetch(`http://127.0.0.1:${ports.httpPort}/health`)).status, 200);
  });
});

function validCalls(frameworkId: string): readonly Call[] {
  const id = { frameworkId: { value: frameworkId } };
  const agentId = { value: "agent-1" };
  const taskId = { value: "task-1" };
  return [
    { ...id, type: Call_Type.ACCEPT, accept: { offerIds: [{ value: "offer-1" }], operations: [], filters: { refuseSeconds: 5 } } },
    { ...id, type: Call_Type.DECLINE, decline: { offerIds: [{ value: "offer-1" }, { value: "offer-2" }] } },
    { ...id, type: Call_Type.KILL, kill: { taskId, agentId } },
    { ...id, type: Call_Type.ACKNOWLEDGE, acknowledge: { taskId, agentId, uuid: new Uint8Array(16) } },
    { ...id, type: Call_Type.RECONCILE, reconcile: { tasks: [{ taskId, agentId }, { taskId }] } },
    { ...id, type: Call_Type.REVIVE },
    { ...id, type: Call_Type.SUPPRESS, suppress: { roles: ["*"] } },
  ].map((call) => Call.fromPartial(call));
}

/** Changes, drops, inserts or cuts some bytes. */
function mutate(prng: Prng, bytes: Uint8Array): Uint8Array {
  const mutated = [...bytes];
  for (let change = prng.nextInt(4); change >= 0; change--) {
    const at = prng.nextInt(mutated.length + 1);
    const kind = prng.nextInt(4);
    if (kind === 0) mutated[at] = prng.nextInt(256);
    else if (kind === 1) mutated.splice(at, 1);
    else if (kind === 2) mutated.splice(at, 0, prng.nextInt(256));
    else mutated.length = at;
  }
  return Uint8Array.from(mutated);
}

function noise(prng: Prng, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => prng.nextInt(256)));
}
