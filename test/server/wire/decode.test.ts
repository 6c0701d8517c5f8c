/** Scheduler calls at the edge: what a good one becomes, and the exact reason for each bad one. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Refusal } from "../../../common/result.ts";
import type { FrameworkInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type as Type } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import type { SchedulerCall, SubscribeCall } from "../../../server/core/calls/call.ts";
import { decodeSchedulerCall } from "../../../server/wire/decode.ts";

type CallFields = Parameters<typeof Call.fromPartial>[0];
type InfoFields = Parameters<typeof FrameworkInfo.fromPartial>[0];

const encode = (fields: CallFields): Uint8Array => Call.encode(Call.fromPartial(fields)).finish();
const frameworkId = { value: "m-0001" };
const uuid = Uint8Array.from({ length: 16 }, (_, index) => index);

function refusalOf(fields: CallFields): Refusal {
  const decoded = decodeSchedulerCall(encode(fields));
  assert.ok(!decoded.ok, "must be refused");
  return decoded.refusal;
}

function callOf(fields: CallFields): SchedulerCall {
  const decoded = decodeSchedulerCall(encode({ frameworkId, ...fields }));
  assert.ok(decoded.ok, decoded.ok ? "" : decoded.refusal.message);
  assert.equal(decoded.value.kind, "call");
  return decoded.value.call as SchedulerCall;
}

function subscribeOf(info: InfoFields, rest: CallFields["subscribe"] = {}): SubscribeCall {
  const decoded = decodeSchedulerCall(
    encode({ type: Type.SUBSCRIBE, subscribe: { ...rest, frameworkInfo: { user: "u", name: "n", ...info } } }),
  );
  assert.ok(decoded.ok, decoded.ok ? "" : decoded.refusal.message);
  assert.equal(decoded.value.kind, "subscribe");
  return decoded.value.call as SubscribeCall;
}

const long = "x".repeat(10_000);

describe("decodeSchedulerCall(): refusals", () => {
  const bad: readonly [name: string, fields: CallFields, message: string][] = [
    ["no type", {}, "type must be set"],
    ["no framework id", { type: Type.TEARDOWN }, "framework_id must be set"],
    ["an empty framework id", { type: Type.TEARDOWN, frameworkId: { value: "" } }, "framework_id.value must not be empty"],
    [
      "an id of 10,000 characters",
      { type: Type.TEARDOWN, frameworkId: { value: long } },
      "framework_id.value must have at most 255 characters, has 10000",
    ],
    ["an id with a slash", { type: Type.TEARDOWN, frameworkId: { value: "a/b" } }, 'framework_id.value must not contain "/"'],
    [
      "an id with a control character",
      { type: Type.TEARDOWN, frameworkId: { value: "a\nb" } },
      "framework_id.value must not contain control characters, has U+000a",
    ],
    ["ACCEPT without its message", { type: Type.ACCEPT, frameworkId }, "accept must be set"],
    ["ACCEPT without offers", { type: Type.ACCEPT, frameworkId, accept: {} }, "accept.offer_ids must not be empty"],
    [
      "ACCEPT of an empty id",
      { type: Type.ACCEPT, frameworkId, accept: { offerIds: [{ value: "O1" }, { value: "" }] } },
      "accept.offer_ids[1].value must not be empty",
    ],
    [
      "an operation without a type",
      { type: Type.ACCEPT, frameworkId, accept: { offerIds: [{ value: "O1" }], operations: [{}] } },
      "accept.operations[0].type must be set",
    ],
    [
      "LAUNCH without its message",
      { type: Type.ACCEPT, frameworkId, accept: { offerIds: [{ value: "O1" }], operations: [{ type: 1 }] } },
      "accept.operations[0].launch must be set",
    ],
    [
      "too many operations",
      { type: Type.ACCEPT, frameworkId, accept: { offerIds: [{ value: "O1" }], operations: new Array(1_001).fill({ type: 1 }) } },
      "accept.operations must have at most 1000 entries, has 1001",
    ],
    ["DECLINE without its message", { type: Type.DECLINE, frameworkId }, "decline must be set"],
    [
      "too many offers",
      { type: Type.DECLINE, frameworkId, decline: { offerIds: new Array(10_001).fill({ value: "O" }) } },
      "decline.offer_ids must have at most 10000 entries, has 10001",
    ],
    [
      "REVIVE of a role twice",
      { type: Type.REVIVE, frameworkId, revive: { roles: ["a", "a"] } },
      'revive.roles[1] must not repeat a role, has "a" twice',
    ],
    [
      "SUPPRESS of an invalid role",
      { type: Type.SUPPRESS, frameworkId, suppress: { roles: ["a", "b c"] } },
      "suppress.roles[1] must not contain white space or control characters, has U+0020",
    ],
    ["KILL without its message", { type: Type.KILL, frameworkId }, "kill must be set"],
    ["KILL of an empty task id", { type: Type.KILL, frameworkId, kill: { taskId: { value: "" } } }, "kill.task_id.value must not be empty"],
    [
      "KILL on an empty agent id",
      { type: Type.KILL, frameworkId, kill: { taskId: { value: "t" }, agentId: { value: "" } } },
      "kill.agent_id.value must not be empty",
    ],
    [
      "KILL with a negative grace",
      { type: Type.KILL, frameworkId, kill: { taskId: { value: "t" }, killPolicy: { gracePeriod: { nanoseconds: -1n } } } },
      "kill.kill_policy.grace_period.nanoseconds must not be negative, is -1",
    ],
    ["ACKNOWLEDGE without its message", { type: Type.ACKNOWLEDGE, frameworkId }, "acknowledge must be set"],
    [
      "ACKNOWLEDGE of a short uuid",
      { type: Type.ACKNOWLEDGE, frameworkId, acknowledge: { agentId: { value: "S1" }, taskId: { value: "t" }, uuid: uuid.slice(1) } },
      "acknowledge.uuid must have 16 bytes, has 15",
    ],
    [
      "DECLINE for no number of seconds",
      { type: Type.DECLINE, frameworkId, decline: { offerIds: [], filters: { refuseSeconds: Number.NaN } } },
      "decline.filters.refuse_seconds must be a number, is NaN",
    ],
    [
      "ACCEPT with a filter of no number of seconds",
      { type: Type.ACCEPT, frameworkId, accept: { offerIds: [{ value: "O1" }], filters: { refuseSeconds: Number.NaN } } },
      "accept.filters.refuse_seconds must be a number, is NaN",
    ],
    [
      "answers to inverse offers without their message",
      { type: Type.ACCEPT_INVERSE_OFFERS, frameworkId },
      "accept_inverse_offers must be set",
    ],
    [
      "an empty id of an inverse offer",
      { type: Type.DECLINE_INVERSE_OFFERS, frameworkId, declineInverseOffers: { inverseOfferIds: [{ value: "" }] } },
      "decline_inverse_offers.inverse_offer_ids[0].value must not be empty",
    ],
    ["RECONCILE without its message", { type: Type.RECONCILE, frameworkId }, "reconcile must be set"],
    [
      "RECONCILE of a bad id",
      { type: Type.RECONCILE, frameworkId, reconcile: { tasks: [{ taskId: { value: "t" } }, { taskId: { value: ".." } }] } },
      'reconcile.tasks[1].task_id.value must not be ".."',
    ],
  ];
  for (const [name, fields, message] of bad) {
    it(`names ${name}`, () => assert.deepEqual(refusalOf(fields), { code: "INVALID_ARGUMENT", message }));
  }

  const missing: readonly [name: string, hex: string, message: string][] = [
    ["a missing required field", "0a030a01411006 3200", "kill.task_id must be set"],
    ["an unknown call type", "104d", "type must be a known value of mesos.v1.scheduler.Call.Type, is 77"],
    ["no bytes at all", "", "type must be set"],
  ];
  for (const [name, hex, message] of missing) {
    it(`names ${name}`, () => {
      const decoded = decodeSchedulerCall(Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")));
      assert.deepEqual(decoded, { ok: false, refusal: { code: "INVALID_ARGUMENT", message } });
    });
  }
  it("names the limit of a call that is too big", () => {
    const decoded = decodeSchedulerCall(new Uint8Array(4 * 1024 * 1024 + 1));
    assert.ok(!decoded.ok);
    assert.equal(decoded.refusal.message, "the call must have at most 4194304 bytes, has 4194305");
  });

  it("says UNIMPLEMENTED of the type that stands for calls of later contracts", () => {
    const refusal = refusalOf({ type: Type.UNKNOWN, frameworkId });
    assert.deepEqual(refusal, { code: "UNIMPLEMENTED", message: "type UNKNOWN is not supported yet" });
  });
  it("says UNIMPLEMENTED of operations that are not built yet, by name", () => {
    const refusal = refusalOf({
      type: Type.ACCEPT,
      frameworkId,
      accept: {
        offerIds: [{ value: "O1" }],
        operations: [
          { type: 1, launch: {} },
          { type: 13, createDisk: { source: { name: "disk", type: 0 }, targetType: 2 } },
        ],
      },
    });
    assert.deepEqual(refusal, { code: "UNIMPLEMENTED", message: "accept.operations[1].type CREATE_DISK is not supported yet" });
  });
});

describe("decodeSchedulerCall(): calls", () => {
  it("reads answers to inverse offers", () => {
    const inverseOfferIds = [{ value: "I1" }, { value: "I2" }];
    const read = { kind: "answerInverseOffers", inverseOfferIds: ["I1", "I2"] };
    assert.deepEqual(callOf({ type: Type.ACCEPT_INVERSE_OFFERS, frameworkId, acceptInverseOffers: { inverseOfferIds } }), {
      ...read,
      accepts: true,
      refuseMs: 5_000,
    });
    const filters = { refuseSeconds: 60 };
    assert.deepEqual(callOf({ type: Type.DECLINE_INVERSE_OFFERS, frameworkId, declineInverseOffers: { inverseOfferIds, filters } }), {
      ...read,
      accepts: false,
      refuseMs: 60_000,
    });
  });

  it("reads each call", () => {
    const offerIds = [{ value: "O1" }, { value: "O2" }];
    assert.deepEqual(callOf({ type: Type.TEARDOWN }), { kind: "teardown" });
    assert.deepEqual(callOf({ type: Type.DECLINE, decline: { offerIds } }), { kind: "decline", offerIds: ["O1", "O2"], refuseMs: 5_000 });
    assert.deepEqual(callOf({ type: Type.REVIVE }), { kind: "revive", roles: [] });
    assert.deepEqual(callOf({ type: Type.SUPPRESS, suppress: { roles: ["a/b"] } }), { kind: "suppress", roles: ["a/b"] });
    assert.deepEqual(
      callOf({ type: Type.KILL, kill: { taskId: { value: "t" }, killPolicy: { gracePeriod: { nanoseconds: 1_500_000n } } } }),
      {
        kind: "kill",
        taskId: "t",
        agentId: undefined,
        graceMs: 2,
      },
    );
    assert.deepEqual(callOf({ type: Type.ACKNOWLEDGE, acknowledge: { agentId: { value: "S1" }, taskId: { value: "t" }, uuid } }), {
      kind: "acknowledge",
      agentId: "S1",
      taskId: "t",
      uuid: "000102030405060708090a0b0c0d0e0f",
    });
    assert.deepEqual(
      callOf({
        type: Type.RECONCILE,
        reconcile: { tasks: [{ taskId: { value: "t" }, agentId: { value: "S1" } }, { taskId: { value: "u" } }] },
      }),
      {
        kind: "reconcile",
        tasks: [
          { taskId: "t", agentId: "S1" },
          { taskId: "u", agentId: undefined },
        ],
      },
    );
    assert.deepEqual(
      callOf({ type: Type.ACCEPT, accept: { offerIds, operations: [{ type: 1, launch: {} }], filters: { refuseSeconds: 0 } } }),
      {
        kind: "accept",
        offerIds: ["O1", "O2"],
        operations: [{ kind: "launch", tasks: [] }],
        refuseMs: 0,
      },
    );
  });

  const refuse: readonly [seconds: number | undefined, ms: number][] = [
    [undefined, 5_000],
    [5, 5_000],
    [0, 0],
    [0.0001, 1],
    [-1, 5_000],
    [Number.POSITIVE_INFINITY, 5_000],
    [1e300, 5_000],
    [365 * 86_400, 31_536_000_000],
    [366 * 86_400, 31_536_000_000],
  ];
  for (const [seconds, ms] of refuse) {
    it(`keeps refused resources away for ${ms} ms when asked for ${seconds} s`, () => {
      const filters = seconds === undefined ? {} : { refuseSeconds: seconds };
      assert.deepEqual(callOf({ type: Type.DECLINE, decline: { offerIds: [], filters } }), { kind: "decline", offerIds: [], refuseMs: ms });
    });
  }
});

describe("decodeSchedulerCall(): SUBSCRIBE", () => {
  it("reads a new framework with the defaults of the reference", () => {
    const { frameworkId: id, framework, suppressedRoles } = subscribeOf({});
    const { info, ...rest } = framework;
    assert.deepEqual([id, suppressedRoles, info.name], [undefined, [], "n"]);
    assert.deepEqual(rest, {
      name: "n",
      user: "u",
      principal: undefined,
      roles: ["*"],
      multiRole: false,
      partitionAware: false,
      failoverTimeoutMs: 0,
      offerMinimums: new Map(),
    });
  });
  it("reads roles, capabilities, timeout and the id to take over", () => {
    const call = subscribeOf(
      { id: { value: "f" }, roles: ["a", "b"], capabilities: [{ type: 6 }, { type: 5 }], failoverTimeout: 1.5, principal: "p" },
      { suppressedRoles: ["b"] },
    );
    assert.equal(call.frameworkId, "f");
    assert.deepEqual([call.framework.roles, call.framework.multiRole, call.framework.partitionAware], [["a", "b"], true, true]);
    assert.deepEqual([call.framework.failoverTimeoutMs, call.framework.principal, call.suppressedRoles], [1_500, "p", ["b"]]);
  });
  it("takes an empty id as none", () => assert.equal(subscribeOf({ id: { value: "" } }).frameworkId, undefined));

  const bad: readonly [name: string, info: InfoFields, message: string, rest?: CallFields["subscribe"]][] = [
    [
      "role beside MULTI_ROLE",
      { role: "a", roles: ["a"], capabilities: [{ type: 6 }] },
      'subscribe.framework_info.role must not be set with the capability MULTI_ROLE, is "a"',
    ],
    [
      "MULTI_ROLE without roles",
      { capabilities: [{ type: 6 }] },
      "subscribe.framework_info.roles must not be empty with the capability MULTI_ROLE",
    ],
    [
      "roles without MULTI_ROLE",
      { roles: ["a"] },
      "subscribe.framework_info.roles must not be set without the capability MULTI_ROLE, has 1",
    ],
    [
      "duplicate roles",
      { roles: ["a", "a"], capabilities: [{ type: 6 }] },
      'subscribe.framework_info.roles[1] must not repeat a role, has "a" twice',
    ],
    ["an invalid role", { role: "-a" }, 'subscribe.framework_info.role must not have a component that starts with "-", is "-a"'],
    ["a bad id", { id: { value: "a/b" } }, 'subscribe.framework_info.id.value must not contain "/"'],
    ["a timeout of NaN", { failoverTimeout: Number.NaN }, "subscribe.framework_info.failover_timeout must be a number of seconds, is NaN"],
    ["a negative timeout", { failoverTimeout: -1 }, "subscribe.framework_info.failover_timeout must not be negative, is -1"],
    [
      "a timeout beyond all measure",
      { failoverTimeout: 1e18 },
      "subscribe.framework_info.failover_timeout must be at most 9223372036 seconds, is 1000000000000000000",
    ],
    [
      "a foreign suppressed role",
      { role: "a" },
      'subscribe.suppressed_roles[0] must be a role of the framework, is "b"',
      { suppressedRoles: ["b"] },
    ],
  ];
  for (const [name, info, message, rest] of bad) {
    it(`refuses ${name}`, () => {
      const refusal = refusalOf({ type: Type.SUBSCRIBE, subscribe: { ...rest, frameworkInfo: { user: "u", name: "n", ...info } } });
      assert.deepEqual(refusal, { code: "INVALID_ARGUMENT", message });
    });
  }
  it("refuses two different ids, and says which", () => {
    const subscribe = { frameworkInfo: { user: "u", name: "n", id: { value: "b" } } };
    assert.equal(
      refusalOf({ type: Type.SUBSCRIBE, frameworkId: { value: "a" }, subscribe }).message,
      'subscribe.framework_info.id must equal framework_id, "a", is "b"',
    );
  });
  it("needs its message", () => {
    assert.equal(refusalOf({ type: Type.SUBSCRIBE }).message, "subscribe must be set");
  });
});

describe("decodeSchedulerCall(): any bytes", () => {
  const valid = [
    encode({ frameworkId, type: Type.KILL, kill: { taskId: { value: "t" }, killPolicy: { gracePeriod: { nanoseconds: 5n } } } }),
    encode({
      type: Type.SUBSCRIBE,
      subscribe: { frameworkInfo: { user: "u", name: "n", roles: ["a"], capabilities: [{ type: 6 }], failoverTimeout: 3 } },
    }),
    encode({
      frameworkId,
      type: Type.ACCEPT,
      accept: {
        offerIds: [{ value: "O1" }],
        operations: [
          {
            type: 1,
            launch: {
              taskInfos: [
                {
                  name: "n",
                  taskId: { value: "t" },
                  agentId: { value: "S1" },
                  resources: [
                    { name: "ports", type: 1, ranges: { range: [{ begin: 1n, end: 9n }] }, reservations: [{ type: 2, role: "a" }] },
                  ],
                  command: { value: "x", environment: { variables: [{ name: "A", value: "b" }] } },
                },
              ],
            },
          },
        ],
      },
    }),
  ];
  it("never throws on mutated calls and always gives a reason with a refusal", () => {
    const mutation = fc.tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }), fc.nat(200));
    fc.assert(
      fc.property(mutation, ([bytes, changes, length]) => {
        const mutated = bytes.slice(0, length % 3 === 0 ? length : undefined);
        for (const [at, byte] of changes) if (at < mutated.length) mutated[at] = byte;
        const decoded = decodeSchedulerCall(mutated);
        if (!decoded.ok) assert.notEqual(decoded.refusal.message, "");
      }),
      { numRuns: 2_000 },
    );
  });
  it("never throws on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeSchedulerCall(bytes);
        if (!decoded.ok) assert.notEqual(decoded.refusal.message, "");
      }),
      { numRuns: 500 },
    );
  });
});
