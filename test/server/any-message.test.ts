/**
 * Whatever bytes arrive at a master's edge: its decoders answer with a call or a reason and never throw, and what they
 * let pass breaks no invariant of the core and can be encoded again for everybody whom it concerns.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { LinkId, StreamId } from "../../common/ids.ts";
import { encodeMessage, type FuzzMessage, fuzzMessages } from "../../harness/fuzz/fuzz-case.ts";
import { readFuzzSchema } from "../../harness/fuzz/fuzz-cluster.ts";
import { LearntValues } from "../../harness/fuzz/learnt-values.ts";
import { SchemaArbitraries } from "../../harness/fuzz/schema-arbitraries.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { AgentMessages } from "../../protos/gen/tepui/v1/agent_link.ts";
import type { MasterEffect } from "../../server/core/effect.ts";
import type { MasterInput } from "../../server/core/input.ts";
import { createMaster } from "../../server/core/master.ts";
import type { RegistryKey, RegistryRecord } from "../../server/core/registry-record.ts";
import { decodeAgentMessages, encodeMasterMessages } from "../../server/wire/agent-link.ts";
import { decodeSchedulerCall } from "../../server/wire/decode.ts";
import { encodeSchedulerEvent } from "../../server/wire/encode.ts";
import { encodeOperatorResponse } from "../../server/wire/operator.ts";
import { decodeRegistryRecord, encodeRegistryRecord } from "../../server/wire/registry-codec.ts";
import { MasterDriver } from "./core/master-driver.ts";

const seed = Math.floor(Math.random() * 2 ** 31);
const schema = readFuzzSchema();
const arbitraries = new SchemaArbitraries(schema);
const calls = fuzzMessages(arbitraries, "mesos.v1.scheduler.Call");
const links = fuzzMessages(arbitraries, "tepui.v1.AgentMessages");

/** What happens to the master: a message, and how much time passes before the next. */
interface Happening {
  readonly from: "subscriber" | "scheduler" | "agent" | "operator";
  readonly message: FuzzMessage;
  readonly afterMs: number;
  /** Agents begin a new link now and then, and schedulers close theirs. */
  readonly again: boolean;
}

const happening = (from: Happening["from"], message: fc.Arbitrary<FuzzMessage>): fc.Arbitrary<Happening> =>
  fc.record({
    from: fc.constant(from),
    message,
    afterMs: fc.constantFrom(0, 0, 1, 300, 1_000, 20_000),
    again: fc.nat({ max: 3 }).map((n) => n === 0),
  });

const happenings = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: happening("subscriber", calls) },
    { weight: 6, arbitrary: happening("scheduler", calls) },
    { weight: 4, arbitrary: happening("agent", links) },
    { weight: 1, arbitrary: happening("operator", calls) },
  ),
  { minLength: 1, maxLength: 50, size: "max" },
);

/** So that there is something to act on from the beginning. */
const subscription = Call.encode(
  Call.fromPartial({
    type: Call_Type.SUBSCRIBE,
    subscribe: { frameworkInfo: { user: "u", name: "n", failoverTimeout: 60, roles: ["fuzz"], capabilities: [{ type: 6 }] } },
  }),
).finish();
const cpus = { name: "cpus", type: 0, scalar: { value: 64 } } as const;
const mem = { name: "mem", type: 0, scalar: { value: 4_096 } } as const;
const register = { linkVersion: 1, credential: new Uint8Array(16), info: { hostname: "h", resources: [cpus, mem] } };
const registration = AgentMessages.encode(
  AgentMessages.fromPartial({
    messages: [{ message: { $case: "register", register } }],
  }),
).finish();

/** A master between its decoders and encoders. */
class Edge {
  readonly #master: ReturnType<typeof createMaster>;
  readonly #learnt = new LearntValues(schema);
  readonly #records = new Map<RegistryKey, RegistryRecord>();
  #version = 0;
  #nowMs = 0;
  #names = 0;
  #streamId: StreamId | undefined;
  #linkId: LinkId | undefined;
  /** An agent that answers its pings and stays, so that offers and tasks have a place. */
  readonly #homeId = LinkId("home");
  isOver = false;
  /** What the master has said, by kind. */
  readonly said = new Set<string>();

  constructor() {
    this.#master = createMaster(new MasterDriver().config);
    this.#step({ kind: "leadershipGained" });
    this.#step({ kind: "agentLinkOpened", linkId: this.#homeId, peer: "test" });
    this.#hear(this.#homeId, registration);
    this.#schedulerSays(subscription, false);
    this.#pass(1_000);
  }

  happen({ from, message, afterMs, again }: Happening): void {
    const bytes = encodeMessage(message, this.#learnt.resolver(undefined));
    if (from === "subscriber" || from === "scheduler") this.#schedulerSays(bytes, again);
    else if (from === "agent") this.#agentSays(bytes, again);
    else this.#step({ kind: "operatorCall", callId: ++this.#names, call: { kind: "getState" } });
    this.#pass(afterMs);
  }

  #schedulerSays(bytes: Uint8Array, again: boolean): void {
    const decoded = decodeSchedulerCall(bytes);
    if (!decoded.ok) return;
    if (decoded.value.kind === "subscribe") {
      if (this.#streamId !== undefined && again) this.#step({ kind: "schedulerStreamClosed", streamId: this.#streamId });
      this.#streamId = StreamId(`stream-${++this.#names}`);
      this.#step({ kind: "subscribe", streamId: this.#streamId, call: decoded.value.call });
    } else {
      const { frameworkId, call } = decoded.value;
      this.#step({ kind: "schedulerCall", callId: ++this.#names, streamId: this.#streamId, frameworkId, call });
    }
  }

  #agentSays(bytes: Uint8Array, again: boolean): void {
    if (this.#linkId === undefined || again) {
      if (this.#linkId !== undefined) this.#step({ kind: "agentLinkClosed", linkId: this.#linkId });
      this.#linkId = LinkId(`link-${++this.#names}`);
      this.#step({ kind: "agentLinkOpened", linkId: this.#linkId, peer: "test" });
    }
    this.#hear(this.#linkId, bytes);
  }

  #hear(linkId: LinkId, bytes: Uint8Array): void {
    const decoded = decodeAgentMessages(bytes);
    for (const message of decoded.ok ? decoded.value : []) this.#step({ kind: "agentMessage", linkId, message });
  }

  #pass(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const nextMs = this.#master.nextDeadlineMs();
      if (nextMs === undefined || nextMs > endMs || this.isOver) break;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      this.#step({ kind: "tick" });
    }
    this.#nowMs = endMs;
  }

  #step(input: MasterInput): void {
    if (this.isOver) return;
    const effects = this.#master.step(input, { nowMs: this.#nowMs, wallMs: 1_700_000_000_000 + this.#nowMs });
    this.#master.checkInvariants();
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: MasterEffect): void {
    if (effect.kind === "sendToScheduler") this.said.add(effect.event.kind);
    if (effect.kind === "sendToAgent") this.said.add(effect.message.kind);
    switch (effect.kind) {
      case "readRegistry":
        this.#step({ kind: "registryRead", version: this.#version, records: [...this.#records.values()] });
        break;
      case "writeRegistry":
        this.#write(effect);
        break;
      case "sendToScheduler":
        this.#learnt.learn("mesos.v1.scheduler.Event", encodeSchedulerEvent(effect.event), true);
        break;
      case "sendToAgent":
        this.#learnt.learn("tepui.v1.MasterMessages", encodeMasterMessages([effect.message]), true);
        if (effect.linkId === this.#homeId && effect.message.kind === "ping") {
          this.#step({ kind: "agentMessage", linkId: this.#homeId, message: { kind: "pong", number: effect.message.number } });
        }
        break;
      case "operatorReply":
        encodeOperatorResponse(effect.response);
        break;
      case "closeSchedulerStream":
        if (effect.streamId === this.#streamId) this.#streamId = undefined;
        break;
      case "closeAgentLink":
        if (effect.linkId === this.#linkId) this.#linkId = undefined;
        break;
      case "exit":
        this.isOver = true;
        break;
      default:
        break;
    }
  }

  /** What a peer has said must not make the registry unreadable for the next master. */
  #write({ changes }: Extract<MasterEffect, { kind: "writeRegistry" }>): void {
    for (const change of changes) {
      if (change.kind === "delete") {
        this.#records.delete(change.key);
        continue;
      }
      const decoded = decodeRegistryRecord(change.key, encodeRegistryRecord(change.record));
      assert.ok(decoded.ok, decoded.ok ? "" : `${change.key}: ${decoded.refusal.message}`);
      this.#records.set(change.key, decoded.value);
    }
    this.#step({ kind: "registryWritten", version: ++this.#version });
  }
}

describe(`any message to a master (seed ${seed})`, function () {
  this.timeout(60_000);

  it("leaves its books in order, and the registry readable", () => {
    const said = new Set<string>();
    fc.assert(
      fc.property(happenings, (all) => {
        const edge = new Edge();
        for (const one of all) edge.happen(one);
        assert.ok(!edge.isOver, "no message may end a master");
        for (const kind of edge.said) said.add(kind);
      }),
      { seed, numRuns: 100 },
    );
    // Otherwise everything was refused at the door, and nothing tested.
    for (const kind of ["subscribed", "offers", "update", "registered", "runTask"]) {
      assert.ok(said.has(kind), `the master never said ${kind}, only ${[...said].join(", ")}`);
    }
  });

  it("that is no message at all gets a reason from every decoder", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: "max" }), (bytes) => {
        for (const decoded of [decodeSchedulerCall(bytes), decodeAgentMessages(bytes), decodeRegistryRecord("agents/A", bytes)]) {
          assert.ok(decoded.ok || decoded.refusal.message.length > 0);
        }
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it("as a registry record is read or refused with a reason", () => {
    const learnt = new LearntValues(schema).resolver(undefined);
    fc.assert(
      fc.property(fuzzMessages(arbitraries, "tepui.v1.RegistryRecord"), (message) => {
        const decoded = decodeRegistryRecord("agents/A", encodeMessage(message, learnt));
        assert.ok(decoded.ok || decoded.refusal.message.length > 0);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
