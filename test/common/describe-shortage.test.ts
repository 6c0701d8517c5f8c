import assert from "node:assert/strict";
import { describeShortage } from "../../common/describe-shortage.ts";
import { allocateResources, type Resources } from "../../common/resources.ts";
import { parseResources } from "../../common/resources-text.ts";

function read(text: string): Resources {
  const parsed = parseResources(text);
  assert.ok(parsed.ok, text);
  return allocateResources(parsed.value, "r");
}

describe("describeShortage()", () => {
  const total = read("cpus:4;mem:100;gpus:1;ports:[1-9];cpus(r):2");
  const cases: readonly [needed: string, left: string, shortage: string | undefined][] = [
    ["cpus:4;ports:[2-3]", "cpus:4;ports:[1-9]", undefined],
    ["cpus:400;mem:1", "cpus:4;mem:100", "cpus: 400 asked, 4 left"],
    ["cpus:1;mem:101", "cpus:4;mem:100", "mem: 101 asked, 100 left"],
    ["gpus:1", "cpus:4", "gpus: 1 asked, none left"],
    ["bananas:1", "cpus:4", "bananas: not in the offers"],
    ["ports:80", "ports:[1-9]", "ports: must be RANGES, is SCALAR"],
    ["ports:[9-10]", "ports:[1-9]", "ports: [9-10] asked, [1-9] left"],
    ["cpus:1", "cpus(r):2", "cpus: 1 asked, what is left is not alike: cpus(allocated: r)(r):2"],
  ];
  for (const [needed, left, shortage] of cases) {
    it(`says ${shortage ?? "nothing"} when ${needed} is asked of ${left}`, () => {
      assert.equal(describeShortage(read(needed), { left: read(left), total }), shortage);
    });
  }

  it("does not repeat a name of any length", () => {
    const name = "x".repeat(10_000);
    assert.equal(describeShortage(read(`${name}:1`), { left: total, total }), `${"x".repeat(64)}... (10000 characters): not in the offers`);
  });
});
