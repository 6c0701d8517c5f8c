/** The laws of the resource algebra, on generated lists, and the corners of its arithmetic. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addResources,
  allocateResources,
  containsResources,
  coversResources,
  describeResources,
  equalResources,
  exclusiveResources,
  isEmptyResources,
  quantityMilli,
  type Reservation,
  type Resource,
  type Resources,
  scalarMilli,
  sharedResources,
  subtractResources,
  sumResources,
  toResources,
  unallocateResources,
  type Value,
  withSharedOnce,
} from "../../common/resources.ts";
import { toMilli } from "../../common/values.ts";

/** Thousandths of each scalar by name, over all reservations and allocations. */
function scalarQuantities(list: Resources): ReadonlyMap<string, number> {
  const quantities = new Map<string, number>();
  for (const entry of list) quantities.set(entry.name, (quantities.get(entry.name) ?? 0) + quantityMilli(entry));
  return quantities;
}

/** Objects of a null prototype would not be deeply equal to ours. */
const plain = { noNullPrototype: true } as const;

const range = fc.tuple(fc.nat(30), fc.nat(5)).map(([begin, length]) => ({ begin, end: begin + length }));
const item = fc.constantFrom("a", "b", "c", "10", "9");
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ kind: fc.constant("scalar" as const), milli: fc.nat(5_000) }, plain),
  fc.record({ kind: fc.constant("ranges" as const), ranges: fc.array(range, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("set" as const), items: fc.array(item, { maxLength: 4 }) }),
);
const scalar: fc.Arbitrary<Value> = fc.record({ kind: fc.constant("scalar" as const), milli: fc.nat(5_000) }, plain);
const reservation: fc.Arbitrary<Reservation> = fc.record(
  {
    type: fc.constantFrom("STATIC" as const, "DYNAMIC" as const),
    role: fc.constantFrom("web", "batch"),
    principal: fc.constantFrom(undefined, "alice"),
    labels: fc.constantFrom(undefined, [{ key: "k", value: "v" }], [{ key: "k" }, { key: "a" }]),
  },
  plain,
);
const special = fc.constantFrom<Partial<Resource>>(
  {},
  {},
  { revocable: true },
  { disk: { source: { type: "PATH", root: "/p" } } },
  { disk: { source: { type: "MOUNT", root: "/m" } } },
  { disk: { persistence: { id: "v1" } } },
  { disk: { persistence: { id: "v1" }, volume: { containerPath: "data", mode: "RW" } }, shared: true },
);
const entryOf = (values: fc.Arbitrary<Value>): fc.Arbitrary<Resource> =>
  fc
    .record(
      {
        name: fc.constantFrom("cpus", "mem", "ports"),
        value: values,
        reservations: fc.array(reservation, { maxLength: 2 }),
        allocationRole: fc.constantFrom(undefined, "web", "batch"),
      },
      plain,
    )
    .chain((entry) => special.map((more) => ({ ...entry, ...more })));
const list = fc.array(entryOf(value), { maxLength: 6 });
const resources: fc.Arbitrary<Resources> = list.map(toResources);
const scalars: fc.Arbitrary<Resources> = fc.array(entryOf(scalar), { maxLength: 6 }).map(toResources);

const cpus = (milli: number): Resource => ({ name: "cpus", value: { kind: "scalar", milli }, reservations: [] });
const ports = (...pairs: [number, number][]): Resource => ({
  name: "ports",
  value: { kind: "ranges", ranges: pairs.map(([begin, end]) => ({ begin, end })) },
  reservations: [],
});

describe("resources: laws", () => {
  const law = <Inputs>(name: string, property: fc.IPropertyWithHooks<Inputs>): void => {
    it(name, () => fc.assert(property));
  };
  law(
    "a sum does not depend on the order",
    fc.property(resources, resources, (a, b) => {
      assert.deepEqual(addResources(a, b), addResources(b, a));
    }),
  );
  law(
    "a sum does not depend on the grouping",
    fc.property(resources, resources, resources, (a, b, c) => {
      assert.deepEqual(addResources(addResources(a, b), c), addResources(a, addResources(b, c)));
      assert.deepEqual(sumResources([a, b, c]), addResources(a, addResources(b, c)));
    }),
  );
  law(
    "taking scalars away again gives what was there",
    fc.property(scalars, scalars, (a, b) => {
      assert.deepEqual(subtractResources(addResources(a, b), b), a);
    }),
  );
  law(
    "putting back what was taken gives what was there",
    fc.property(resources, resources, (whole, part) => {
      fc.pre(containsResources(whole, part));
      assert.deepEqual(addResources(subtractResources(whole, part), part), whole);
    }),
  );
  law(
    "what is shared and what is exclusive make up the whole, where each is there once",
    fc.property(resources, (a) => {
      const whole = withSharedOnce(a);
      assert.deepEqual(addResources(exclusiveResources(a), sharedResources(a)), whole);
      assert.deepEqual(withSharedOnce(whole), whole);
    }),
  );
  law(
    "one of what is shared covers any number of holds",
    fc.property(resources, resources, (a, b) => {
      const both = addResources(a, b);
      assert.ok(coversResources(addResources(exclusiveResources(both), sharedResources(both)), both));
    }),
  );
  law(
    "quantities add up, shared ones included",
    fc.property(scalars, scalars, (a, b) => {
      for (const name of ["cpus", "mem", "ports"]) {
        assert.equal(scalarMilli(addResources(a, b), name), scalarMilli(a, name) + scalarMilli(b, name));
      }
    }),
  );
  law(
    "a sum contains both of its parts",
    fc.property(resources, resources, (a, b) => {
      const sum = addResources(a, b);
      assert.ok(containsResources(sum, a) && containsResources(sum, b));
    }),
  );
  law(
    "a difference is contained in what it was taken from, and is canonical",
    fc.property(resources, resources, (a, b) => {
      const rest = subtractResources(a, b);
      assert.ok(containsResources(a, rest));
      assert.deepEqual(toResources(rest), rest);
    }),
  );
  law(
    "one contains the other exactly when nothing of it is left over",
    fc.property(resources, resources, (a, b) => {
      assert.equal(containsResources(a, b), isEmptyResources(subtractResources(b, a)));
    }),
  );
  law(
    "the order of a list does not change its canonical form",
    fc.property(list, fc.nat(), (entries, cut) => {
      const at = cut % (entries.length + 1);
      assert.deepEqual(toResources([...entries.slice(at), ...entries.slice(0, at)]), toResources(entries));
    }),
  );
  law(
    "adding entry by entry gives the canonical form of the whole list",
    fc.property(list, (entries) => {
      assert.deepEqual(sumResources(entries.map((entry) => toResources([entry]))), toResources(entries));
    }),
  );
  law(
    "two values contain each other exactly when they are equal in form",
    fc.property(resources, resources, (a, b) => {
      const mutual = containsResources(a, b) && containsResources(b, a);
      assert.equal(mutual, describeResources(a) === describeResources(b));
      assert.equal(equalResources(a, b), mutual);
      assert.ok(equalResources(a, toResources([...a].reverse())));
    }),
  );
  law(
    "allocating and unallocating keep the quantities and stay canonical",
    fc.property(scalars, (a) => {
      const allocated = allocateResources(a, "role");
      assert.deepEqual(toResources(allocated), allocated);
      assert.deepEqual(scalarQuantities(allocated), scalarQuantities(a));
      assert.deepEqual(unallocateResources(allocated), unallocateResources(a));
      assert.deepEqual(toResources(unallocateResources(a)), unallocateResources(a));
    }),
  );
});

describe("resources: corners", () => {
  it("drops what is subtracted beyond what is there instead of going negative", () => {
    assert.deepEqual(subtractResources(toResources([cpus(1_000)]), toResources([cpus(1_001)])), []);
  });
  it("drops empty entries", () => {
    assert.deepEqual(toResources([cpus(0), ports()]), []);
  });
  it("unites overlapping and adjacent ranges", () => {
    assert.equal(describeResources(toResources([ports([5, 6], [1, 2]), ports([3, 3])])), "ports:[1-3,5-6]");
  });
  it("cuts a hole into a range", () => {
    const rest = subtractResources(toResources([ports([1, 10], [20, 30])]), toResources([ports([3, 4], [9, 22], [30, 40])]));
    assert.equal(describeResources(rest), "ports:[1-2,5-8,23-29]");
  });
  it("tells reservations and allocations apart", () => {
    const reserved: Resource = { ...cpus(1_000), reservations: [{ type: "STATIC", role: "web" }] };
    const allocated: Resource = { ...cpus(1_000), allocationRole: "web" };
    const all = toResources([cpus(1_000), allocated, reserved]);
    assert.equal(all.length, 3);
    assert.equal(containsResources(toResources([cpus(5_000)]), toResources([allocated])), false);
    assert.equal(scalarMilli(all, "cpus"), 3_000);
    assert.equal(describeResources(all), "cpus:1;cpus(allocated: web):1;cpus(web):1");
  });
  it("describes nothing, stacked reservations and fractions", () => {
    assert.equal(describeResources([]), "{}");
    const stacked: Resource = {
      ...cpus(1),
      reservations: [
        { type: "STATIC", role: "web" },
        { type: "DYNAMIC", role: "web/api", principal: "alice" },
      ],
    };
    assert.equal(describeResources(toResources([stacked])), "cpus(reservations: [(STATIC,web),(DYNAMIC,web/api,alice)]):0.001");
  });
  it("rounds to thousandths half away from zero", () => {
    const expected: [number, number][] = [
      [0.5, 500],
      [0.0004, 0],
      [0.0005, 1],
      [-0.0005, -1],
      [-0.0004, 0],
      [1.5123, 1_512],
      [0.1 + 0.2, 300],
    ];
    for (const [amount, milli] of expected) assert.equal(toMilli(amount), milli, `${amount}`);
  });
});
