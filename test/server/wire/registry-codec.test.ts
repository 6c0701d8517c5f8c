/** Records of the registry survive the way to the store and back; damaged and newer ones are refused with the reason. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { AgentId, FrameworkId, Uuid } from "../../../common/ids.ts";
import { AgentInfo, FrameworkInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { RegistryRecord as RecordMessage } from "../../../protos/gen/tepui/v1/registry.ts";
import type { AgentRecordState, RegistryRecord } from "../../../server/core/registry-record.ts";
import { describeAgent } from "../../../server/wire/describe-agent.ts";
import { describeFramework } from "../../../server/wire/describe-framework.ts";
import { decodeRegistryRecord, encodeRegistryRecord } from "../../../server/wire/registry-codec.ts";

const wallMs = fc.nat(2_000_000_000_000);
const id = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

const agentRecord = fc
  .record({
    agentId: id,
    hostname: id,
    milli: fc.integer({ min: 1, max: 99_999 }),
    state: fc.oneof(
      fc.constant<AgentRecordState>({ kind: "admitted" }),
      wallMs.map<AgentRecordState>((sinceWallMs) => ({ kind: "unreachable", sinceWallMs })),
      wallMs.map<AgentRecordState>((atWallMs) => ({ kind: "removed", atWallMs })),
      fc.tuple(wallMs, fc.boolean()).map<AgentRecordState>(([atWallMs, tasksAnnounced]) => ({ kind: "gone", atWallMs, tasksAnnounced })),
    ),
  })
  .map(({ agentId, hostname, milli, state }): RegistryRecord => {
    const info = AgentInfo.fromPartial({ hostname, resources: [{ name: "cpus", type: 0, scalar: { value: milli / 1000 } }] });
    const agent = describeAgent(
      AgentInfo.decode(AgentInfo.encode(info).finish()),
      { version: "0.1.0", credential: Uuid("c0".repeat(16)) },
      "info",
    );
    assert.ok(agent.ok);
    return { kind: "agent", agentId: AgentId(agentId), agent: agent.value, state };
  });

const frameworkRecord = fc
  .record({
    frameworkId: id,
    name: fc.string(),
    timeout: fc.nat(100_000),
    roles: fc.uniqueArray(fc.constantFrom("a", "b", "c/d"), { minLength: 1 }),
    state: fc.oneof(
      fc.constant({ kind: "active" } as const),
      wallMs.map((deadlineWallMs) => ({ kind: "disconnected", deadlineWallMs }) as const),
      wallMs.map((atWallMs) => ({ kind: "completed", atWallMs }) as const),
    ),
  })
  .map(({ frameworkId, name, timeout, roles, state }): RegistryRecord => {
    const info = FrameworkInfo.fromPartial({ user: "u", name, failoverTimeout: timeout, roles, capabilities: [{ type: 6 }] });
    const framework = describeFramework(FrameworkInfo.decode(FrameworkInfo.encode(info).finish()), "info");
    assert.ok(framework.ok);
    return { kind: "framework", frameworkId: FrameworkId(frameworkId), framework: framework.value, state };
  });

const leaderRecord = fc
  .record({ masterId: id, term: fc.nat() })
  .map(({ masterId, term }): RegistryRecord => ({ kind: "leader", masterId, term }));

const drain = fc.record(
  {
    phase: fc.constantFrom("draining" as const, "drained" as const),
    maxGraceMs: fc.option(fc.nat(), { nil: undefined }),
    markGone: fc.boolean(),
    startedWallMs: wallMs,
  },
  { noNullPrototype: true },
);
const deactivationRecord = fc.record({ agentId: id, drain: fc.option(drain, { nil: undefined }) }).map(
  ({ agentId, drain: one }): RegistryRecord => ({
    kind: "deactivation",
    agentId: AgentId(agentId),
    deactivation: { drain: one },
  }),
);

const machine = fc.record({
  id: fc.constantFrom(
    { hostname: "a.example", ip: undefined },
    { hostname: undefined, ip: "2001:db8::1" },
    { hostname: "b", ip: "10.0.0.1" },
  ),
  mode: fc.constantFrom("draining" as const, "down" as const),
  revocation: fc.option(fc.record({ startedWallMs: wallMs, graceMs: fc.nat() }, { noNullPrototype: true }), { nil: undefined }),
});
const window = fc.record({
  unavailability: fc.record(
    {
      startNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
      durationNs: fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n }), { nil: undefined }),
    },
    { noNullPrototype: true },
  ),
  machines: fc.array(machine, { minLength: 1, maxLength: 3 }),
});
const scheduleRecord = fc.array(window, { minLength: 1, maxLength: 3 }).map(
  (schedule): RegistryRecord => ({
    kind: "schedule",
    schedule: schedule.map(({ unavailability, machines }) => ({ unavailability, machines: machines.map((one) => ({ ...one })) })),
  }),
);

const weightsRecord = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "c/d", "*"), fc.double({ min: 1e-300, noNaN: true, noDefaultInfinity: true })), {
    minLength: 1,
  })
  .map((entries): RegistryRecord => ({ kind: "weights", weights: new Map(entries) }));

const quantities = fc
  .array(fc.tuple(fc.constantFrom("cpus", "mem", "gpus"), fc.integer({ min: 1, max: 1e15 })))
  .map((entries): ReadonlyMap<string, number> => new Map(entries));
const quotasRecord = fc.array(fc.tuple(fc.constantFrom("a", "b", "*"), quantities, quantities), { minLength: 1 }).map(
  (entries): RegistryRecord => ({
    kind: "quotas",
    quotas: new Map(
      entries.map(([role, guarantees, more]) => {
        const limits = new Map([...more].map(([name, milli]) => [name, Math.max(milli, guarantees.get(name) ?? 0)]));
        return [role, { guarantees, limits }];
      }),
    ),
  }),
);

function keyOf(record: RegistryRecord): string {
  switch (record.kind) {
    case "leader":
    case "schedule":
    case "weights":
    case "quotas":
      return record.kind;
    case "agent":
    case "deactivation":
      return `${record.kind}/${record.agentId}`;
    case "framework":
      return `framework/${record.frameworkId}`;
  }
}

const bytesOf = (fields: Parameters<typeof RecordMessage.fromPartial>[0]): Uint8Array =>
  RecordMessage.encode(RecordMessage.fromPartial(fields)).finish();

describe("registry records", () => {
  it("come back from their bytes as they were", () => {
    fc.assert(
      fc.property(
        fc.oneof(agentRecord, deactivationRecord, frameworkRecord, leaderRecord, scheduleRecord, weightsRecord, quotasRecord),
        (record) => {
          assert.deepEqual(decodeRegistryRecord(keyOf(record), encodeRegistryRecord(record)), { ok: true, value: record });
        },
      ),
    );
  });

  const leader = { $case: "leader", leader: { masterId: "M", term: 1n } } as const;
  const bad: readonly [name: string, bytes: Uint8Array, code: string, message: string][] = [
    ["no format version", bytesOf({ record: leader }), "INVALID_ARGUMENT", "format_version must be set"],
    [
      "a newer format",
      bytesOf({ formatVersion: 2, record: leader }),
      "FAILED_PRECONDITION",
      "format_version must be at most 1, is 2: a newer tepui wrote it",
    ],
    ["no record", bytesOf({ formatVersion: 1 }), "INVALID_ARGUMENT", "record must be set"],
    [
      "another key",
      bytesOf({ formatVersion: 1, record: leader }),
      "INVALID_ARGUMENT",
      'key must be "leader" for this record, is "agent/S1"',
    ],
    [
      "an agent without a state",
      bytesOf({ formatVersion: 1, record: { $case: "agent", agent: { agentId: { value: "S1" }, info: { hostname: "h" } } } }),
      "INVALID_ARGUMENT",
      "agent.state must be set",
    ],
    [
      "an agent without info",
      bytesOf({ formatVersion: 1, record: { $case: "agent", agent: { agentId: { value: "S1" } } } }),
      "INVALID_ARGUMENT",
      "agent.info must be set",
    ],
    [
      "a framework without an id",
      bytesOf({ formatVersion: 1, record: { $case: "framework", framework: {} } }),
      "INVALID_ARGUMENT",
      "framework.framework_id must be set",
    ],
    [
      "a framework without a state",
      bytesOf({ formatVersion: 1, record: { $case: "framework", framework: { frameworkId: { value: "F1" }, info: {} } } }),
      "INVALID_ARGUMENT",
      "framework.state must be set",
    ],
  ];
  for (const [name, bytes, code, message] of bad) {
    it(`are refused with ${name}`, () =>
      assert.deepEqual(decodeRegistryRecord("agent/S1", bytes), { ok: false, refusal: { code, message } }));
  }
  it("are refused when they are cut short", () => {
    const bytes = bytesOf({ formatVersion: 1, record: leader });
    const decoded = decodeRegistryRecord("leader", bytes.slice(0, -1));
    assert.deepEqual(decoded, {
      ok: false,
      refusal: { code: "INVALID_ARGUMENT", message: "leader must not be cut short: needs 5 more bytes, has 4" },
    });
  });
  it("never make the reader throw, whatever the bytes", () => {
    fc.assert(
      fc.property(frameworkRecord, fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }), (record, changes) => {
        const mutated = encodeRegistryRecord(record).slice();
        for (const [at, byte] of changes) if (at < mutated.length) mutated[at] = byte;
        const decoded = decodeRegistryRecord(keyOf(record), mutated);
        if (!decoded.ok) assert.notEqual(decoded.refusal.message, "");
      }),
      { numRuns: 300 },
    );
  });
});
