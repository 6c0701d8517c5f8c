/** Texts of resources and attributes: what they mean, and the reason why a wrong one is refused. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAttributes, writeAttributes } from "../../common/attributes.ts";
import { describeResources, toResources } from "../../common/resources.ts";
import { parseResources } from "../../common/resources-text.ts";
import type { Result } from "../../common/result.ts";

function reasonOf(result: Result<unknown>): string {
  assert.ok(!result.ok, "must be refused");
  assert.equal(result.refusal.code, "INVALID_ARGUMENT");
  return result.refusal.message;
}

function expectValue<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.refusal.message);
  return result.value;
}

describe("text of resources", () => {
  const good: readonly [text: string, meaning: string][] = [
    ["cpus:4;mem:1024;ports:[31000-32000]", "cpus:4;mem:1024;ports:[31000-32000]"],
    [" cpus : 1.5 ; zones:{b, a} ;", "cpus:1.5;zones:{a,b}"],
    ["cpus(web):4;cpus(*):1;cpus:1", "cpus:2;cpus(web):4"],
    ["cpus:0;ports:[]", "{}"],
    ["", "{}"],
    ['[{"name":"cpus","type":"SCALAR","scalar":{"value":2}}]', "cpus:2"],
    ['[{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":3}]},"role":"web"}]', "ports(web):[1-3]"],
    [
      '[{"name":"disk","type":"SCALAR","scalar":{"value":9},"disk":{"source":{"type":"MOUNT","mount":{"root":"/mnt/1"}}}}]',
      "disk[MOUNT:/mnt/1]:9",
    ],
    ['[{"name":"cpus","type":"SCALAR","scalar":{"value":2},"revocable":{}}]', "cpus{REV}:2"],
  ];
  for (const [text, meaning] of good)
    it(`reads ${text || "nothing"}`, () => assert.equal(describeResources(expectValue(parseResources(text))), meaning));

  const bad: readonly [text: string, reason: string][] = [
    ["cpus", 'must be "name:value" pairs, has "cpus"'],
    [":4", 'must be "name:value" pairs, has ":4"'],
    ["cpus:many", 'cpus must be a number, [ranges] or a {set}, is "many"'],
    ["cpus:NaN", 'cpus must be a number, [ranges] or a {set}, is "NaN"'],
    ["cpus:-1", "cpus must not be negative, is -1"],
    ["cpus:0.0004", "cpus must be 0 or at least 0.0005, is 0.0004"],
    ["cpus:1e99", "cpus must be at most 10000000000, is 1e+99"],
    ["gpus:1.5", "gpus must be whole, is 1.5"],
    ["ports:[5-3]", "ports must not begin after they end, has 5-3"],
    ["ports:[1-5,3-9]", "ports must not overlap, has 1-5 and 3-9"],
    ["ports:[a-b]", 'ports must be ranges such as [1-3,8-9], has "a-b"'],
    ["zones:{a,a}", 'zones must not repeat an item, has "a" twice'],
    ["zones:{a,}", "zones must not have an empty item"],
    ["cpus(a b):1", "role of cpus must not contain white space or control characters, has U+0020"],
    ["cpus(a//b):1", 'role of cpus must not start or end with "/" nor have two in a row, is "a//b"'],
    ["cpus(-a):1", 'role of cpus must not have a component that starts with "-", is "-a"'],
    ["cpus(:1", 'must be named "name" or "name(role)", has "cpus("'],
    ["[1]", "resources[0] must be an object"],
    ['[{"type":"SCALAR"}]', "resources[0].name must be a text"],
    ['[{"name":"cpus","type":"TEXT"}]', "resources[0].type must be SCALAR, RANGES or SET"],
    ['[{"name":"cpus","type":"SCALAR"}]', "resources[0] must have the value of its type, SCALAR"],
    ['[{"name":"cpus","type":"SCALAR","scalar":{"value":-2}}]', "resources[0].scalar.value must not be negative, is -2"],
    [
      '[{"name":"mem","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}]',
      "mem must not be reserved dynamically: RESERVE does that",
    ],
    [
      '[{"name":"disk","type":"SCALAR","scalar":{"value":1},"role":"a","disk":{"persistence":{"id":"v"}}}]',
      "disk must not be a persistent volume: CREATE makes one",
    ],
    [
      `[${Array(2).fill('{"name":"disk","type":"SCALAR","scalar":{"value":1},"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}}')}]`,
      "disk on a MOUNT disk must be named once, /m is there 2 times",
    ],
    [
      '[{"name":"disk","type":"SCALAR","scalar":{"value":1},"disk":{"source":{"type":"RAW"}}}]',
      "resources[0].disk.source.type must be PATH or MOUNT: other disks come from resource providers, which are not supported",
    ],
  ];
  for (const [text, reason] of bad) it(`refuses ${text}`, () => assert.equal(reasonOf(parseResources(text)), reason));

  it("refuses JSON that is cut short", () => assert.match(reasonOf(parseResources('[{"name"')), /^must be valid JSON: /));
  it("reads back what describeResources writes", () => {
    const value = fc.oneof(
      fc.integer({ min: 1, max: 9_999_999 }).map((milli) => ({ kind: "scalar", milli }) as const),
      fc.uniqueArray(fc.nat(9), { minLength: 1 }).map((items) => ({ kind: "set", items: items.map(String) }) as const),
      fc.tuple(fc.nat(99), fc.nat(99)).map(([begin, length]) => ({ kind: "ranges", ranges: [{ begin, end: begin + length }] }) as const),
    );
    const entry = fc.tuple(fc.constantFrom("a", "b"), value, fc.constantFrom(undefined, "web", "web/api"));
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const resources = toResources(
          entries.map(([name, held, role]) => ({ name, value: held, reservations: role === undefined ? [] : [{ type: "STATIC", role }] })),
        );
        const text = describeResources(resources);
        assert.deepEqual(expectValue(parseResources(text === "{}" ? "" : text)), resources);
      }),
    );
  });
  it("answers every text", () => {
    const scrap = fc.constantFrom("cpus", ":", ";", "(", ")", "[", "]", "{", "}", ",", "-", "1", ".", "e", "*", '"', " ", "name");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(scrap).map((parts) => parts.join("")),
        ),
        (text) => {
          for (const result of [parseResources(text), parseAttributes(text)]) {
            if (!result.ok) assert.notEqual(result.refusal.message, "");
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("text of attributes", () => {
  it("takes texts, numbers, ranges and sets, a name twice, and colons within a text", () => {
    assert.deepEqual(writeAttributes(expectValue(parseAttributes("rack:r1;rack:10.0.0.1:80;n:4.5;s:{a};r:[1-2]"))), [
      { name: "rack", type: 3, text: { value: "r1" } },
      { name: "rack", type: 3, text: { value: "10.0.0.1:80" } },
      { name: "n", type: 0, scalar: { value: 4.5 }, ranges: undefined, set: undefined },
      { name: "s", type: 2, scalar: undefined, ranges: undefined, set: { item: ["a"] } },
      { name: "r", type: 1, scalar: undefined, ranges: { range: [{ begin: 1n, end: 2n }] }, set: undefined },
    ]);
  });
  it("refuses an attribute without a value or without a name", () => {
    assert.equal(reasonOf(parseAttributes("rack:")), "rack must have a value");
    assert.equal(reasonOf(parseAttributes("rack")), 'must be "name:value" pairs, has "rack"');
  });
});
