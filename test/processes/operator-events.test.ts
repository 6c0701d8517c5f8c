/** The event stream of a real master: the state first, then what happens to a real agent and a real framework. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";

import { OperatorClient } from "../../client/operator-client.ts";
import { Event, Event_Type } from "../../protos/gen/mesos/v1/master/master.ts";
import { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { RawOperator } from "./raw-operator.ts";
import { RawScheduler, subscribeCall } from "./raw-scheduler.ts";

const identity = (bytes: Buffer): Buffer => bytes;

/** An operator's stream; `next` skips heartbeats. */
class RawEvents {
  readonly #waiting: Event[] = [];
  #wake: () => void = () => {};
  readonly ended: Promise<ServiceError | undefined>;

  constructor({ client }: RawOperator, request: Uint8Array = new Uint8Array()) {
    const path = "/tepui.v1.MasterOperator/Subscribe";
    const stream = client.makeServerStreamRequest(path, identity, identity, Buffer.from(request), new Metadata());
    this.ended = new Promise((resolve) => {
      stream.on("error", (error: ServiceError) => resolve(error));
      stream.on("end", () => resolve(undefined));
    });
    stream.on("data", (bytes: Buffer) => {
      this.#waiting.push(Event.decode(bytes));
      this.#wake();
    });
  }

  async next(): Promise<Event> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if (event.type !== Event_Type.HEARTBEAT) return event;
    }
  }
}

describe("a real master's event stream", function () {
  this.timeout(30_000);
  let workDir: string;
  let master: MasterProcess;
  let address: string;
  let operator: RawOperator;

  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "tepui-events-"));
    master = new MasterProcess(["--registry=memory"]);
    ({ address } = await master.leading());
    operator = new RawOperator(address);
  });
  after(() => {
    operator[Symbol.dispose]();
    rmSync(workDir, { recursive: true, force: true });
  });

  it("tells of agents and frameworks, and ends with the master's reason", async () => {
    const events = new RawEvents(operator);
    const { subscribed } = await events.next();
    assert.deepEqual([subscribed?.getState?.getAgents?.agents, subscribed?.heartbeatIntervalSeconds], [[], 15]);
    const agent = new AgentProcess(["--master", address, "--work-dir", workDir, "--resources=cpus:4;mem:256"]);
    const added = await events.next();
    assert.equal(added.agentAdded?.agent?.active, true);
    const client = new RawScheduler(address);
    const { frameworkId, cancel } = await client.subscribe(Call.encode(subscribeCall()).finish());
    assert.equal((await events.next()).frameworkAdded?.framework?.frameworkInfo?.id?.value, frameworkId);
    await agent.end("SIGUSR1");
    let event = await events.next();
    while (event.type === Event_Type.AGENT_ADDED) event = await events.next();
    assert.deepEqual(event.agentRemoved?.agentId, added.agentAdded?.agent?.agentInfo?.id);
    cancel();
    assert.equal((await events.next()).frameworkUpdated?.framework?.connected, false);
    // Whoever comes later begins with what is left.
    const { subscribed: later } = await new RawEvents(operator).next();
    assert.deepEqual([later?.getState?.getAgents?.agents.length, later?.getState?.getFrameworks?.frameworks.length], [0, 1]);
    client.close();
    await master.end("SIGTERM");
    assert.equal((await events.ended)?.code, status.UNAVAILABLE);
  });

  it("refuses a subscription that is malformed", async () => {
    const other = new MasterProcess(["--registry=memory"]);
    using client = new RawOperator((await other.leading()).address);
    const ended = await new RawEvents(client, Uint8Array.of(0xff)).ended;
    assert.equal(ended?.code, status.INVALID_ARGUMENT);
    await other.end("SIGKILL");
  });
});

describe("the SDK's reader of the event stream", function () {
  this.timeout(30_000);

  it("says so when the leader is silent: one that is stopped ends no stream", async () => {
    const master = new MasterProcess(["--registry=memory", "--heartbeat-interval=100ms"]);
    try {
      const { address } = await master.leading();
      using operator = new OperatorClient({ masters: [address] });
      const events = operator.events();
      assert.equal((await events.next()).value?.type, Event_Type.SUBSCRIBED);
      assert.equal((await events.next()).value?.type, Event_Type.HEARTBEAT);
      master.child.kill("SIGSTOP");
      await assert.rejects(async () => {
        for await (const _ of events);
      }, /^CallError: Subscribe had no answer: UNAVAILABLE: \S+ said nothing for 0.3 s$/);
    } finally {
      await master.end("SIGKILL");
    }
  });
});
