/** A real master process, driven over gRPC by a client that breaks the rules: it refuses with a reason, and lives on. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { after, afterEach, before, describe, it } from "mocha";

import { Response_GetAgents, Response_GetFlags, Response_GetMaster, Response_GetState } from "../../protos/gen/mesos/v1/master/master.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { openSqliteStore } from "../../runtime/store/sqlite.ts";
import { MasterProcess } from "./master-process.ts";
import { type Outcome, RawScheduler, subscribeCall } from "./raw-scheduler.ts";

/** A master starts in well under a second; a busy machine takes its time. */
const timeoutMs = 20_000;

const encode = (call: Call): Uint8Array => Call.encode(call).finish();
const reviveOf = (frameworkId: string): Uint8Array =>
  encode(Call.fromPartial({ type: Call_Type.REVIVE, frameworkId: { value: frameworkId } }));

describe("master process", function () {
  this.timeout(timeoutMs);
  let folder: string;
  let folders = 0;
  const masters: MasterProcess[] = [];
  const clients: RawScheduler[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-master-"));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const master of masters.splice(0)) if (master.isRunning) await master.end("SIGKILL");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const newWorkDir = (): string => join(folder, `work-${folders++}`);

  function start(...flags: string[]): MasterProcess {
    const master = new MasterProcess(flags);
    masters.push(master);
    return master;
  }

  function connect(address: string): RawScheduler {
    const client = new RawScheduler(address);
    clients.push(client);
    return client;
  }

  async function startWithClient(...flags: string[]): Promise<{ master: MasterProcess; client: RawScheduler; address: string }> {
    const master = start("--registry=memory", ...flags);
    const { address } = await master.leading();
    return { master, client: connect(address), address };
  }

  describe("refuses calls", () => {
    let client: RawScheduler;
    let master: MasterProcess;
    let frameworkId: string;
    let streamId: string;

    before(async () => {
      master = new MasterProcess(["--registry=memory"]);
      client = new RawScheduler((await master.leading()).address);
      ({ frameworkId, streamId } = await client.subscribe(encode(subscribeCall())));
    });
    after(async () => {
      client.close();
      await master.end("SIGKILL");
    });
    afterEach(async () => {
      assert.deepEqual(await client.call(reviveOf(frameworkId), streamId), { code: status.OK, message: "" }, "the master serves on");
    });

    function assertRefused({ code, message }: Outcome, expectedCode: number, expectedMessage: RegExp): void {
      assert.equal(status[code], status[expectedCode], message);
      assert.match(message, expectedMessage);
    }

    it("that are no protobuf, with INVALID_ARGUMENT", async () => {
      assertRefused(await client.call(Uint8Array.of(0xff, 0xff, 0xff), streamId), status.INVALID_ARGUMENT, /./);
      assertRefused(await client.call(new TextEncoder().encode("GET / HTTP/1.1"), streamId), status.INVALID_ARGUMENT, /./);
    });

    it("that are empty, with INVALID_ARGUMENT", async () => {
      assertRefused(await client.call(Uint8Array.of(), streamId), status.INVALID_ARGUMENT, /type|framework_id/);
    });

    it("that are larger than the limit, with RESOURCE_EXHAUSTED and the limit", async () => {
      assertRefused(await client.call(new Uint8Array(17 * 1024 * 1024), streamId), status.RESOURCE_EXHAUSTED, /16777216/);
    });

    it("of a type that nobody knows, naming the field", async () => {
      const call = Buffer.concat([reviveOf(frameworkId), Buffer.of(0x10, 0x63)]);
      const { code, message } = await client.call(call, streamId);
      assert.ok(code === status.INVALID_ARGUMENT || code === status.UNIMPLEMENTED, `${status[code]}: ${message}`);
      assert.match(message, /type/);
    });

    it("without the message of their type, naming the field", async () => {
      const call = encode(Call.fromPartial({ type: Call_Type.ACCEPT, frameworkId: { value: frameworkId } }));
      assertRefused(await client.call(call, streamId), status.INVALID_ARGUMENT, /accept/);
    });

    it("without a framework id, naming the field", async () => {
      assertRefused(
        await client.call(encode(Call.fromPartial({ type: Call_Type.REVIVE })), streamId),
        status.INVALID_ARGUMENT,
        /framework_id/,
      );
    });

    it("with another stream id than the subscription's, or with none", async () => {
      assertRefused(await client.call(reviveOf(frameworkId), "not-this-one"), status.INVALID_ARGUMENT, /stream-id/);
      assertRefused(await client.call(reviveOf(frameworkId)), status.INVALID_ARGUMENT, /stream-id/);
    });

    it("of a framework that never subscribed", async () => {
      assertRefused(await client.call(reviveOf("nobody-knows-me"), streamId), status.INVALID_ARGUMENT, /nobody-knows-me/);
    });

    it("to subscribe that carry a stream id or are something else", async () => {
      const metadata = new Metadata();
      metadata.set("mesos-stream-id", streamId);
      await assert.rejects(client.subscribe(encode(subscribeCall()), metadata), /INVALID_ARGUMENT: .*mesos-stream-id/);
      await assert.rejects(client.subscribe(reviveOf(frameworkId)), /INVALID_ARGUMENT: .*SUBSCRIBE/);
      await assert.rejects(client.subscribe(Uint8Array.of(0xff)), /INVALID_ARGUMENT/);
    });

    it("one by one on a stream of calls, in order, and takes the good ones in between", async () => {
      const good = reviveOf(frameworkId);
      const results = await client.calls([good, Uint8Array.of(0xff), good, reviveOf("nobody-knows-me"), good], streamId);
      assert.deepEqual(
        results.map(({ index, code }) => [index, code]),
        [0n, 1n, 2n, 3n, 4n].map((index) => [index, index % 2n === 0n ? status.OK : status.INVALID_ARGUMENT]),
      );
    });

    it("that the operator's service does not have, with UNIMPLEMENTED", async () => {
      assertRefused(await client.unary("/tepui.v1.MasterOperator/NoSuchCall", Uint8Array.of()), status.UNIMPLEMENTED, /./);
    });

    it("that are malformed, also to the services that need nothing from them, and serves on", async () => {
      const methods = ["MasterOperator/GetHealth", "MasterOperator/GetState"].map((method) => `/tepui.v1.${method}`);
      for (const method of [...methods, "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"]) {
        assertRefused(await client.unary(method, Uint8Array.of(0xff, 0xff)), status.INVALID_ARGUMENT, /must/);
      }
    });

    it("of an agent that talks nonsense: its link ends with INVALID_ARGUMENT", async () => {
      const identity = (bytes: Buffer): Buffer => bytes;
      const link = client.client.makeBidiStreamRequest("/tepui.v1.AgentLink/Connect", identity, identity);
      const ended = new Promise<ServiceError>((resolve) => link.on("error", resolve));
      link.on("data", () => {});
      link.write(Buffer.of(0xff, 0xff));
      assert.equal((await ended).code, status.INVALID_ARGUMENT);
    });
  });

  it("answers thousands of calls on one stream in their order", async () => {
    const { client } = await startWithClient();
    const { frameworkId, streamId } = await client.subscribe(encode(subscribeCall()));
    const results = await client.calls(Array<Uint8Array>(5_000).fill(reviveOf(frameworkId)), streamId);
    assert.equal(results.length, 5_000);
    results.forEach(({ index, code }, position) => {
      assert.deepEqual({ index, code }, { index: BigInt(position), code: status.OK });
    });
  });

  it("makes the calls behind an UPDATE_FRAMEWORK wait until that is durable, and shows it to operators then", async () => {
    const client = connect((await start("--work-dir", newWorkDir()).leading()).address);
    const { frameworkId, streamId } = await client.subscribe(encode(subscribeCall()));
    const of = (fields: Parameters<typeof Call.fromPartial>[0]) =>
      encode(Call.fromPartial({ frameworkId: { value: frameworkId }, ...fields }));
    const update = (role: string, user: string) => {
      const frameworkInfo = { user, role, name: "raw", id: { value: frameworkId }, failoverTimeout: 3_600, checkpoint: true };
      return of({ type: Call_Type.UPDATE_FRAMEWORK, updateFramework: { frameworkInfo } });
    };
    const revive = (role: string) => of({ type: Call_Type.REVIVE, revive: { roles: [role] } });
    const calls = [update("b", "nobody"), revive("b"), update("c", "root"), revive("b"), revive("c")];
    assert.deepEqual(
      (await client.calls(calls, streamId)).map(({ code }) => code),
      [status.OK, status.OK, status.INVALID_ARGUMENT, status.OK, status.INVALID_ARGUMENT],
    );
    const { getFrameworks } = Response_GetState.decode(await read(client, "GetState"));
    assert.equal(getFrameworks?.frameworks[0]?.frameworkInfo?.role, "b");
  });

  it("ends the older subscription when a framework subscribes again", async () => {
    const { client } = await startWithClient();
    const first = await client.subscribe(encode(subscribeCall()));
    const second = await client.subscribe(encode(subscribeCall(first.frameworkId)));
    await first.ended;
    assert.equal(second.frameworkId, first.frameworkId);
    assert.notEqual(second.streamId, first.streamId);
    assert.equal((await client.call(reviveOf(first.frameworkId), first.streamId)).code, status.INVALID_ARGUMENT);
    assert.equal((await client.call(reviveOf(first.frameworkId), second.streamId)).code, status.OK);
  });

  it("tells operators about itself and its cluster", async () => {
    const { master, client } = await startWithClient("--agent-ping-timeout=7s");
    const { masterId, httpPort } = await master.leading();
    const { frameworkId } = await client.subscribe(encode(subscribeCall()));
    const { masterInfo } = Response_GetMaster.decode(await read(client, "GetMaster"));
    assert.deepEqual([masterInfo?.id, masterInfo?.port], [masterId, httpPort]);
    const { flags } = Response_GetFlags.decode(await read(client, "GetFlags"));
    assert.deepEqual(
      flags.find(({ name }) => name === "agent-ping-timeout"),
      { name: "agent-ping-timeout", value: "7s" },
    );
    const { getFrameworks } = Response_GetState.decode(await read(client, "GetState"));
    assert.deepEqual(
      getFrameworks?.frameworks.map(({ frameworkInfo }) => frameworkInfo?.id?.value),
      [frameworkId],
    );
    assert.deepEqual(Response_GetAgents.decode(await read(client, "GetAgents")).agents, []);
  });

  it("shows health and metrics over HTTP", async () => {
    const { master } = await startWithClient();
    const { httpPort } = await master.leading();
    assert.equal((await fetch(`http://127.0.0.1:${httpPort}/health`)).status, 200);
    const page = await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
    assert.match(page, /^tepui_inputs_total\{kind="leadershipGained"/m);
    assert.match(page, /^tepui_leading\{program="master"\} 1$/m);
    assert.match(page, /^tepui_agents\{standing="active",program="master"\} 0$/m);
  });

  it("ends streams with UNAVAILABLE and exits 0 on SIGTERM", async () => {
    const { master, client } = await startWithClient();
    const { ended, frameworkId, streamId } = await client.subscribe(encode(subscribeCall()));
    const calls = client.openCalls(streamId);
    assert.equal((await calls.next(reviveOf(frameworkId))).code, status.OK);
    const exit = await master.end("SIGTERM");
    assert.deepEqual({ code: exit.code, signal: exit.signal }, { code: 0, signal: null }, exit.text);
    assert.equal((await ended).code, status.UNAVAILABLE);
    assert.equal((await calls.ended).code, status.UNAVAILABLE);
  });

  it("keeps its registry when it is killed: the framework comes back with its id", async () => {
    const workDir = newWorkDir();
    const first = start("--work-dir", workDir);
    const { frameworkId } = await connect((await first.leading()).address).subscribe(encode(subscribeCall()));
    await first.end("SIGKILL");
    const second = start("--work-dir", workDir);
    const { address, masterId } = await second.leading();
    assert.notEqual(masterId, (await first.leading()).masterId);
    const client = connect(address);
    const known = Response_GetState.decode(await read(client, "GetState"));
    assert.ok(JSON.stringify(Response_GetState.toJSON(known)).includes(frameworkId), "the new master knows the framework");
    assert.equal((await client.subscribe(encode(subscribeCall(frameworkId)))).frameworkId, frameworkId);
  });

  describe("refuses to start", () => {
    async function assertExit(master: MasterProcess, code: number, text: RegExp): Promise<void> {
      const exit = await master.exited;
      assert.match(exit.text, text);
      assert.equal(exit.code, code);
    }

    it("with a flag that does not exist, naming the nearest one", () =>
      assertExit(start("--allocation-intervall=1s"), 2, /--allocation-intervall[\s\S]*--allocation-interval\?/));

    it("with a value that breaks a rule, naming flag, value and rule", () =>
      assertExit(start("--registry=memory", "--agent-ping-timeout=15"), 2, /--agent-ping-timeout.*'15'.*number with a unit/));

    it("in a work directory that cannot be made, with the reason", () =>
      assertExit(start("--work-dir=/proc/tepui"), 1, /\/proc\/tepui cannot be created: ENOENT/));

    it("without a work directory for a registry that needs one", () => assertExit(start(), 2, /--work-dir.*is required/));

    it("on ports that are taken, naming flag and port", async () => {
      const { grpcPort, httpPort } = await start("--registry=memory").leading();
      await assertExit(start("--registry=memory", `--port=${grpcPort}`), 1, new RegExp(`--port ${grpcPort}: .*another process listens`));
      await assertExit(
        start("--registry=memory", `--http-port=${httpPort}`),
        1,
        new RegExp(`--http-port ${httpPort}: .*another process listens`),
      );
    });

    it("on a registry that a newer version wrote", async () => {
      const workDir = newWorkDir();
      await (await openSqliteStore(join(workDir, "registry.db"), { name: "tepui master registry", version: 1_000 })).close();
      await assertExit(start("--work-dir", workDir), 1, /registry\.db has format_version 1000, written by a newer tepui/);
    });

    it("on a work directory that another master uses, naming that one", async () => {
      const workDir = newWorkDir();
      const first = start("--work-dir", workDir);
      await first.leading();
      await assertExit(start("--work-dir", workDir), 1, new RegExp(`registry\\.db is in use by process ${first.child.pid}`));
      assert.ok(first.isRunning);
    });
  });
});

function read(client: RawScheduler, method: string): Promise<Uint8Array> {
  const identity = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    client.client.makeUnaryRequest(`/tepui.v1.MasterOperator/${method}`, identity, identity, Buffer.alloc(0), (error, bytes) => {
      if (error === null && bytes !== undefined) resolve(bytes);
      else reject(error ?? new Error(`${method} answered nothing`));
    });
  });
}
