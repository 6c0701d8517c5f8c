/** What the fuzzer sends: every RPC and many kinds of call, plain messages that are valid, mutations that do what they say. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { checkMessage } from "../../../common/wire-check.ts";
import { createWireSchema } from "../../../common/wire-schema.ts";
import { encodeMessage, type FuzzMessage, fuzzCases, fuzzMessages } from "../../../harness/fuzz/fuzz-case.ts";
import { readFuzzSchema } from "../../../harness/fuzz/fuzz-cluster.ts";
import { encodeTree, type MessageTree, printTree, type Resolve } from "../../../harness/fuzz/message-tree.ts";
import { mutateBytes, mutateTree } from "../../../harness/fuzz/mutation.ts";
import { SchemaArbitraries } from "../../../harness/fuzz/schema-arbitraries.ts";
import { Call } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { enumRows, messageRows } from "../../../protos/gen/schema.ts";
import { decodeSchedulerCall } from "../../../server/wire/decode.ts";

const seed = Math.floor(Math.random() * 2 ** 31);
const schema = readFuzzSchema();
const resolve: Resolve = ({ what, index }) => (what === "uuid" ? new Uint8Array(16) : `id-${index}`);
const hex = (tree: MessageTree): string => Buffer.from(encodeTree(tree, resolve)).toString("hex");
const kill: MessageTree = [
  { number: 2, name: "type", value: { kind: "varint", value: 6n } },
  { number: 6, name: "kill", value: { kind: "message", fields: [{ number: 1, name: "task_id", value: { kind: "text", value: "" } }] } },
];

describe(`messages of the fuzzer (seed ${seed})`, () => {
  it("reach every RPC, and are sent to both nodes", () => {
    const cases = fc.sample(fuzzCases(schema), { seed, numRuns: 6_000 });
    const paths = new Set(cases.map(({ rpc }) => rpc.path));
    assert.deepEqual(
      schema.rpcs.map(({ path }) => path).filter((path) => !paths.has(path)),
      [],
    );
    assert.deepEqual(new Set(cases.map(({ node }) => node)), new Set(["master", "agent"]));
  });

  it("get past the decoder with every kind of call that it takes, and are refused for many reasons", () => {
    const messages = fc.sample(fuzzMessages(new SchemaArbitraries(schema), "mesos.v1.scheduler.Call"), { seed, numRuns: 3_000 });
    const kinds = new Set<string>();
    const reasons = new Set<string>();
    for (const message of messages) {
      const decoded = decodeSchedulerCall(encodeMessage(message, resolve));
      if (!decoded.ok) reasons.add(decoded.refusal.message);
      else kinds.add(decoded.value.kind === "subscribe" ? "subscribe" : decoded.value.call.kind);
    }
    for (const kind of ["subscribe", "accept", "decline", "kill", "acknowledge", "reconcile", "revive", "suppress", "teardown"]) {
      assert.ok(kinds.has(kind), `no ${kind} among ${[...kinds].join(", ")}`);
    }
    assert.ok(reasons.size > 50, `only ${reasons.size} reasons`);
  });

  it("are valid along the schema when nothing hostile is drawn", () => {
    const wire = createWireSchema({ messageRows, enumRows });
    const limits = { maxBytes: 4 * 1024 * 1024, maxDepth: 32 };
    fc.assert(
      fc.property(new SchemaArbitraries(schema).message("mesos.v1.scheduler.Call", 0), (tree) => {
        assert.equal(checkMessage(wire, "mesos.v1.scheduler.Call", encodeTree(tree, resolve), limits), undefined);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("print as fields, in order", () => {
    assert.equal(printTree(kill, resolve), '{"type": 6, "kill": {"task_id": ""}}');
  });

  it("encode as protobuf", () => {
    assert.equal(hex(kill), "1006" + "3202" + "0a00");
    assert.equal(Call.decode(encodeTree(kill.slice(0, 1), resolve)).type, 6);
  });
});

describe("a mutation", () => {
  it("changes the field at its position, nested ones included", () => {
    assert.equal(printTree(mutateTree(kill, { kind: "drop", at: 0 }), resolve), '{"kill": {"task_id": ""}}');
    assert.equal(printTree(mutateTree(kill, { kind: "drop", at: 2 }), resolve), '{"type": 6, "kill": {}}');
    assert.equal(hex(mutateTree(kill, { kind: "repeat", at: 2, times: 3 })), "1006" + "3206" + "0a000a000a00");
    const nested = mutateTree(kill, { kind: "replace", at: 1, value: { kind: "nested", depth: 3 } });
    assert.equal(hex(nested), "1006" + "3204" + "3202" + "3200");
    const groups = mutateTree(kill, { kind: "unknown", at: 1, number: 15, value: { kind: "groups", depth: 2 } });
    assert.equal(hex(groups), "1006" + "3202" + "0a00" + "7b7b7c7c");
  });

  it("cuts and flips bytes", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    assert.deepEqual(mutateBytes(bytes, { kind: "truncate", at: 4 }), Uint8Array.of(1));
    assert.deepEqual(mutateBytes(bytes, { kind: "flip", at: 1, mask: 0xff }), Uint8Array.of(1, 0xfd, 3));
  });

  it("leaves an empty message be, or puts something into it", () => {
    const empty: FuzzMessage = {
      tree: [],
      mutations: [
        { kind: "drop", at: 3 },
        { kind: "truncate", at: 3 },
      ],
    };
    assert.equal(encodeMessage(empty, resolve).length, 0);
    const value = { kind: "varint", value: 1n } as const;
    assert.deepEqual(
      encodeMessage({ tree: [], mutations: [{ kind: "unknown", at: 0, number: 15, value }] }, resolve),
      Uint8Array.of(0x78, 1),
    );
  });
});
