import assert from "node:assert/strict";

import { completeResources } from "../../agent/detect-resources.ts";
import { parseResources } from "../../common/resources-text.ts";

function complete(text: string) {
  const parsed = parseResources(text);
  assert.ok(parsed.ok);
  return completeResources({ text, resources: parsed.value }, "/");
}

const names = (text: string): readonly string[] => complete(text).map(({ name }) => name);

describe("completeResources()", () => {
  it("finds cpus, mem, disk and ports where nothing is named", () => {
    assert.deepEqual([...names("")].sort(), ["cpus", "disk", "mem", "ports"]);
  });

  it("keeps what is named as it is, in both forms", () => {
    for (const text of [
      "cpus:3;mem(role):5",
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":3}},{"name":"mem","type":"SCALAR","scalar":{"value":5}}]',
    ]) {
      const found = complete(text);
      assert.deepEqual(
        found.filter(({ name }) => name === "cpus" || name === "mem").map(({ name, value }) => [name, value]),
        [
          ["cpus", { kind: "scalar", milli: 3_000 }],
          ["mem", { kind: "scalar", milli: 5_000 }],
        ],
      );
    }
  });

  it("offers nothing of what is named as zero", () => {
    assert.equal(names("disk:0").includes("disk"), false);
  });

  it("is not misled by longer names", () => {
    assert.ok(names("mycpus:4").includes("cpus"));
  });
});
