import assert from "node:assert/strict";

import { completeResources } from "../../agent/detect-resources.ts";
import { withCreated } from "../../common/resource-operations.ts";
import { type Resources, scalarMilli, toResources } from "../../common/resources.ts";
import { parseResources } from "../../common/resources-text.ts";

function complete(text: string, created: Resources = []) {
  const parsed = parseResources(text);
  assert.ok(parsed.ok);
  return completeResources({ text, resources: parsed.value }, { workDirectory: "/", created });
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

  it("still has what was reserved of a machine that shows less than it did", () => {
    const milli = 1e12;
    const web = [{ type: "DYNAMIC", role: "web" }] as const;
    const created = toResources([{ name: "mem", value: { kind: "scalar", milli }, reservations: web }]);
    assert.equal(scalarMilli(complete("", created), "mem"), milli);
    assert.equal(scalarMilli(complete("mem:5", created), "mem"), 5_000, "what is named stays as it is named");
    assert.ok(withCreated(complete("", created), created) !== undefined);
  });

  it("is not misled by longer names", () => {
    assert.ok(names("mycpus:4").includes("cpus"));
  });
});
