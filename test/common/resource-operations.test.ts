/** What operations make of resources, and how an agent's flags and its record of operations go together. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readOperation, resourceOperationKind, writeOperation } from "../../common/mesos-operations.ts";
import { readResources, writeResources } from "../../common/mesos-resources.ts";
import type { Reservation, Resource } from "../../common/resource.ts";
import {
  applyConversion,
  conversionOf,
  createdByOperations,
  type ResourceOperation,
  withCreated,
} from "../../common/resource-operations.ts";
import { addResources, describeResources, type Resources, scalarMilli, toResources } from "../../common/resources.ts";

const dynamic = (role: string): Reservation => ({ type: "DYNAMIC", role });
const disk = (milli: number, more: Partial<Resource> = {}): Resource => ({
  name: "disk",
  value: { kind: "scalar", milli },
  reservations: [],
  ...more,
});
const reserved = (milli: number): Resource => disk(milli, { reservations: [dynamic("web")] });
const volume = (milli: number, id = "v"): Resource => ({
  ...reserved(milli),
  disk: { persistence: { id }, volume: { containerPath: "data", mode: "RW" } },
});

function apply(total: Resources, operation: ResourceOperation): string {
  const result = applyConversion(total, conversionOf(operation));
  return result === undefined ? "impossible" : describeResources(result);
}

describe("operations on resources", () => {
  const total = toResources([disk(10_000), reserved(5_000), volume(2_000)]);
  const cases: readonly [name: string, operation: ResourceOperation, result: string][] = [
    [
      "RESERVE pushes a reservation",
      { kind: "reserve", source: [], resources: toResources([reserved(4_000)]) },
      "disk:6;disk(reservations: [(DYNAMIC,web)]):9;disk(reservations: [(DYNAMIC,web)])[v:data]:2",
    ],
    [
      "RESERVE refines one that is there",
      { kind: "reserve", source: [], resources: toResources([disk(1_000, { reservations: [dynamic("web"), dynamic("web/ads")] })]) },
      "disk:10;disk(reservations: [(DYNAMIC,web)]):4;disk(reservations: [(DYNAMIC,web)])[v:data]:2;" +
        "disk(reservations: [(DYNAMIC,web),(DYNAMIC,web/ads)]):1",
    ],
    ["RESERVE takes no more than there is", { kind: "reserve", source: [], resources: toResources([reserved(10_001)]) }, "impossible"],
    [
      "UNRESERVE pops one",
      { kind: "unreserve", resources: toResources([reserved(5_000)]) },
      "disk:15;disk(reservations: [(DYNAMIC,web)])[v:data]:2",
    ],
    [
      "CREATE makes a volume of reserved disk",
      { kind: "create", volumes: toResources([volume(1_000, "w")]) },
      "disk:10;disk(reservations: [(DYNAMIC,web)]):4;disk(reservations: [(DYNAMIC,web)])[v:data]:2;" +
        "disk(reservations: [(DYNAMIC,web)])[w:data]:1",
    ],
    ["DESTROY gives it back", { kind: "destroy", volumes: toResources([volume(2_000)]) }, "disk:10;disk(reservations: [(DYNAMIC,web)]):7"],
    ["DESTROY takes a whole volume only", { kind: "destroy", volumes: toResources([volume(1_000)]) }, "impossible"],
    [
      "GROW_VOLUME adds disk",
      { kind: "growVolume", volume: volume(2_000), addition: reserved(500) },
      "disk:10;disk(reservations: [(DYNAMIC,web)]):4.5;disk(reservations: [(DYNAMIC,web)])[v:data]:2.5",
    ],
    [
      "SHRINK_VOLUME gives a part back",
      { kind: "shrinkVolume", volume: volume(2_000), subtractMilli: 500 },
      "disk:10;disk(reservations: [(DYNAMIC,web)]):5.5;disk(reservations: [(DYNAMIC,web)])[v:data]:1.5",
    ],
  ];
  for (const [name, operation, result] of cases) {
    it(name, () => assert.equal(apply(total, operation), result));
    it(`${name}: is the same after a way over the wire`, () => {
      const message = writeOperation(operation, "id");
      const kind = resourceOperationKind(message.type);
      assert.equal(kind, operation.kind);
      const read = readOperation(message, operation.kind, "operation");
      assert.ok(read.ok);
      assert.equal(apply(total, read.value), result);
    });
  }

  const resource = fc.constantFrom(disk(1_000), disk(3_000), reserved(2_000), volume(1_000, "a"), volume(1_000, "b"), volume(2_000, "a"));
  const list = fc.array(resource, { maxLength: 5 });
  it("what an agent keeps of them and its flags make up all that it had", () => {
    fc.assert(
      fc.property(list, (entries) => {
        const created = createdByOperations(toResources(entries));
        const plain = scalarMilli(toResources(entries), "disk");
        if (plain === 0) return;
        const again = withCreated(toResources([disk(plain)]), created);
        assert.equal(scalarMilli(again ?? [], "disk"), plain);
        assert.deepEqual(createdByOperations(again ?? []), created);
      }),
    );
  });
  it("flags that have less than what was made of them are refused", () => {
    assert.equal(withCreated(toResources([disk(1_999)]), toResources([volume(2_000)])), undefined);
  });
  it("volumes and reservations come back from the wire as they were", () => {
    fc.assert(
      fc.property(list, (entries) => {
        const resources = toResources(entries);
        const read = readResources(writeResources(resources, "stack"), "resources");
        assert.deepEqual(read, { ok: true, value: resources });
      }),
    );
  });
  it("two volumes of one id are counted and not merged", () => {
    const twice = addResources(toResources([volume(1_000)]), toResources([volume(1_000)]));
    assert.equal(describeResources(twice), "disk(reservations: [(DYNAMIC,web)])[v:data]x2:1");
    assert.equal(scalarMilli(twice, "disk"), 2_000);
  });
});
