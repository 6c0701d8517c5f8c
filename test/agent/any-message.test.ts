/**
 * Whatever bytes arrive at an agent's edges, from its master and from its checkpoint: the decoders answer with a value or
 * a reason and never throw, and what they let pass breaks no invariant of the core and can be encoded and checkpointed.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeCheckpointRecord, encodeCheckpointRecord } from "../../agent/wire/checkpoint-codec.ts";
import { decodeMasterMessages } from "../../agent/wire/decode.ts";
import { type AgentSelf, encodeAgentMessages } from "../../agent/wire/encode.ts";
import type { ContainerId } from "../../common/ids.ts";
import { encodeMessage, fuzzMessages } from "../../harness/fuzz/fuzz-case.ts";
import { readFuzzSchema } from "../../harness/fuzz/fuzz-cluster.ts";
import { LearntValues } from "../../harness/fuzz/learnt-values.ts";
import { SchemaArbitraries } from "../../harness/fuzz/schema-arbitraries.ts";
import { AgentInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { MasterMessages } from "../../protos/gen/tepui/v1/agent_link.ts";
import { AgentDriver, agentId } from "./core/agent-driver.ts";

const seed = Math.floor(Math.random() * 2 ** 31);
const schema = readFuzzSchema();
const arbitraries = new SchemaArbitraries(schema);
const orders = fuzzMessages(arbitraries, "tepui.v1.MasterMessages");
const records = fuzzMessages(arbitraries, "tepui.v1.CheckpointRecord");

/** So that there is something to kill, acknowledge and shut down from the beginning. */
const runTask = MasterMessages.encode(
  MasterMessages.fromPartial({
    messages: [
      {
        message: {
          $case: "runTask",
          runTask: {
            framework: { user: "u", name: "n", id: { value: "F" } },
            task: { name: "t", taskId: { value: "t" }, agentId: { value: agentId }, command: { value: "true" } },
          },
        },
      },
    ],
  }),
).finish();

describe(`any message to an agent (seed ${seed})`, function () {
  this.timeout(60_000);

  it("leaves its books in order, its answers encodable and its checkpoint readable", () => {
    const done = new Set<string>();
    const self: AgentSelf = { info: AgentInfo.fromPartial({ hostname: "h" }), version: "0", capabilities: [] };
    fc.assert(
      fc.property(fc.array(fc.tuple(orders, fc.constantFrom(0, 300, 20_000)), { minLength: 1, maxLength: 20 }), (all) => {
        const learnt = new LearntValues(schema);
        const driver = AgentDriver.running();
        const started = new Set<ContainerId>();
        learnt.learn("tepui.v1.MasterMessages", runTask, true);
        const sent = [
          () => runTask,
          ...all.map(
            ([order]) =>
              () =>
                encodeMessage(order, learnt.resolver(undefined)),
          ),
        ];
        for (const [index, bytes] of sent.entries()) {
          const decoded = decodeMasterMessages(bytes());
          const linkId = driver.of("openLink").at(-1)?.linkId ?? driver.linkId;
          for (const message of decoded.ok ? decoded.value : []) driver.step({ kind: "masterMessage", linkId, message });
          for (const { spec } of driver.of("launchContainer")) {
            if (started.has(spec.containerId)) continue;
            started.add(spec.containerId);
            driver.step({ kind: "containerStarted", containerId: spec.containerId });
          }
          driver.nowMs += all[index]?.[1] ?? 0;
          driver.step({ kind: "tick" });
          if (driver.isCheckpointInFlight) driver.confirm();
        }
        for (const { kind } of driver.effects) done.add(kind);
        for (const { message } of driver.of("sendToMaster")) {
          learnt.learn("tepui.v1.AgentMessages", encodeAgentMessages([message], self), true);
        }
        for (const change of driver.of("checkpoint").flatMap(({ changes }) => changes)) {
          if (change.kind !== "put") continue;
          const decoded = decodeCheckpointRecord(change.key, encodeCheckpointRecord(change.record));
          assert.deepEqual(decoded, { ok: true, value: change.record });
        }
      }),
      { seed, numRuns: 150 },
    );
    for (const kind of ["launchContainer", "killContainer", "sendToMaster", "checkpoint"] as const) {
      assert.ok(done.has(kind), `the agent never came to ${kind}, only to ${[...done].join(", ")}`);
    }
  });

  it("as a checkpoint record is read or refused with a reason", () => {
    const resolve = new LearntValues(schema).resolver(undefined);
    fc.assert(
      fc.property(records, fc.constantFrom("agent", "framework/F", "executor/F/E", "task/F/T"), (message, key) => {
        const decoded = decodeCheckpointRecord(key, encodeMessage(message, resolve));
        assert.ok(decoded.ok || decoded.refusal.message.length > 0);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it("that is no message at all gets a reason from every decoder", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: "max" }), (bytes) => {
        for (const decoded of [decodeMasterMessages(bytes), decodeCheckpointRecord("task/F/T", bytes)]) {
          assert.ok(decoded.ok || decoded.refusal.message.length > 0);
        }
      }),
      { seed, numRuns: 2_000 },
    );
  });
});
