/** Ids of containers within containers, here and on the wire. */

import assert from "node:assert/strict";
import { nestedContainerId, parentContainerId, readContainerId, writeContainerId } from "../../common/container-id.ts";
import { ContainerId } from "../../common/ids.ts";

describe("a container id", () => {
  const outer = ContainerId("outer");
  const inner = nestedContainerId(nestedContainerId(outer, "middle"), "inner");

  it("names the container around it", () => {
    assert.equal(parentContainerId(inner), "outer.middle");
    assert.equal(parentContainerId(outer), undefined);
  });

  it("is nested on the wire, and read back as it was", () => {
    assert.deepEqual(writeContainerId(inner), { value: "inner", parent: { value: "middle", parent: { value: "outer" } } });
    for (const id of [outer, inner]) assert.equal(readContainerId(writeContainerId(id)), id);
  });
});
