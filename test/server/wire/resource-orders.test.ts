/** What operators order of resources and frameworks, from bytes: each rule with its message, and nothing that throws. */

import assert from "node:assert/strict";
import {
  Call_CreateVolumes,
  Call_DestroyVolumes,
  Call_GrowVolume,
  Call_ReserveResources,
  Call_ShrinkVolume,
  Call_Teardown,
  Call_UnreserveResources,
} from "../../../protos/gen/mesos/v1/master/master.ts";
import { Resource, Value_Type } from "../../../protos/gen/mesos/v1/mesos.ts";
import { operatorOrders } from "../../../server/wire/operator-orders.ts";

const agentId = { value: "A" };
const disk = (mb: number, fields: Partial<Resource> = {}): Resource => ({
  ...Resource.create({ name: "disk", type: Value_Type.SCALAR, scalar: { value: mb } }),
  ...fields,
});
const reserved = disk(4, { reservations: [{ type: 2, role: "web" }] });
const allocated = { ...reserved, allocationInfo: { role: "web" } };

function decode(name: string, bytes: Uint8Array) {
  const decoder = operatorOrders[name];
  assert.ok(decoder !== undefined, name);
  return decoder(bytes);
}

function messageOf(name: string, bytes: Uint8Array): string {
  const decoded = decode(name, bytes);
  assert.ok(!decoded.ok, `${name} is refused`);
  assert.equal(decoded.refusal.code, "INVALID_ARGUMENT");
  return decoded.refusal.message;
}

const reserve = (fields: Partial<Call_ReserveResources>): Uint8Array =>
  Call_ReserveResources.encode({ agentId, source: [], resources: [reserved], ...fields }).finish();

describe("orders about resources", () => {
  it("are read: what, of which agent", () => {
    const entry = { name: "disk", value: { kind: "scalar", milli: 4_000 }, reservations: [{ type: "DYNAMIC", role: "web" }] };
    const orders: readonly [name: string, bytes: Uint8Array, operation: object][] = [
      [
        "ReserveResources",
        reserve({ source: [disk(4)] }),
        { kind: "reserve", source: [{ ...entry, reservations: [] }], resources: [entry] },
      ],
      [
        "UnreserveResources",
        Call_UnreserveResources.encode({ agentId, resources: [reserved] }).finish(),
        { kind: "unreserve", resources: [entry] },
      ],
      ["CreateVolumes", Call_CreateVolumes.encode({ agentId, volumes: [reserved] }).finish(), { kind: "create", volumes: [entry] }],
      ["DestroyVolumes", Call_DestroyVolumes.encode({ agentId, volumes: [reserved] }).finish(), { kind: "destroy", volumes: [entry] }],
      [
        "GrowVolume",
        Call_GrowVolume.encode({ agentId, volume: reserved, addition: reserved }).finish(),
        { kind: "growVolume", volume: entry, addition: entry },
      ],
      [
        "ShrinkVolume",
        Call_ShrinkVolume.encode({ agentId, volume: reserved, subtract: { value: 1.5 } }).finish(),
        { kind: "shrinkVolume", volume: entry, subtractMilli: 1_500 },
      ],
    ];
    for (const [name, bytes, operation] of orders) {
      const decoded = decode(name, bytes);
      assert.ok(decoded.ok && decoded.value.kind === "changeResources", name);
      assert.equal(decoded.value.agentId, "A");
      // Without what is undefined.
      assert.deepEqual(JSON.parse(JSON.stringify(decoded.value.operation)), operation);
    }
  });

  const noAgent = { agentId: { value: "" } };
  const cases: readonly [name: string, call: string, bytes: Uint8Array, message: RegExp][] = [
    ["no bytes at all", "ReserveResources", new Uint8Array(), /^agent_id must be set/],
    ["garbage", "ShrinkVolume", Uint8Array.of(0xff, 0xff), /must/],
    ["an agent without a name", "ReserveResources", reserve(noAgent), /^reserve_resources.agent_id.value must/],
    ["nothing to reserve", "ReserveResources", reserve({ resources: [] }), /^reserve_resources.resources must not be empty$/],
    [
      "allocated resources",
      "ReserveResources",
      reserve({ resources: [reserved, allocated] }),
      /^reserve_resources.resources\[1\].allocation_info must be absent/,
    ],
    ["an allocated source", "ReserveResources", reserve({ source: [allocated] }), /^reserve_resources.source\[0\].allocation_info must be/],
    [
      "a negative amount",
      "ReserveResources",
      reserve({ resources: [disk(-1)] }),
      /^reserve_resources.resources\[0\].scalar.*must not be neg/,
    ],
    [
      "a resource without a name",
      "ReserveResources",
      reserve({ resources: [disk(1, { name: "" })] }),
      /resources\[0\].name must not be empty/,
    ],
    ["no volumes", "CreateVolumes", Call_CreateVolumes.encode({ agentId, volumes: [] }).finish(), /^create_volumes.volumes must not be/],
    [
      "no volumes to destroy",
      "DestroyVolumes",
      Call_DestroyVolumes.encode({ agentId, volumes: [] }).finish(),
      /^destroy_volumes.volumes must/,
    ],
    [
      "growth of nobody's volume",
      "GrowVolume",
      Call_GrowVolume.encode({ agentId: undefined, volume: reserved, addition: reserved }).finish(),
      /^grow_volume.agent_id must be set$/,
    ],
    [
      "growth with an allocated addition",
      "GrowVolume",
      Call_GrowVolume.encode({ agentId, volume: reserved, addition: allocated }).finish(),
      /^grow_volume.addition.allocation_info must be absent/,
    ],
    [
      "shrinking by something that is no number",
      "ShrinkVolume",
      Call_ShrinkVolume.encode({ agentId, volume: reserved, subtract: { value: Number.NaN } }).finish(),
      /^shrink_volume.subtract.value must be a number, is NaN$/,
    ],
    [
      "nothing to shrink by",
      "ShrinkVolume",
      Call_GrowVolume.encode({ agentId, volume: reserved, addition: undefined }).finish(),
      /subtract must be/,
    ],
  ];
  for (const [name, call, bytes, message] of cases) {
    it(`are refused with field and rule: ${name}`, () => assert.match(messageOf(call, bytes), message));
  }
});

describe("Teardown", () => {
  it("names a framework", () => {
    const bytes = Call_Teardown.encode({ frameworkId: { value: "F" } }).finish();
    assert.deepEqual(decode("Teardown", bytes), { ok: true, value: { kind: "teardown", frameworkId: "F" } });
    assert.match(messageOf("Teardown", new Uint8Array()), /framework_id must be set/);
    assert.match(
      messageOf("Teardown", Call_Teardown.encode({ frameworkId: { value: "a/b" } }).finish()),
      /^teardown.framework_id.value must/,
    );
  });
});
