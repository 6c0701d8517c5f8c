import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { BoundedList } from "../../common/bounded-list.ts";

describe("BoundedList", () => {
  it("keeps the newest items, oldest first", () => {
    const list = new BoundedList<number>(3);
    const seen: number[][] = [];
    for (let item = 1; item <= 7; item++) {
      list.add(item);
      seen.push(list.toArray());
    }
    assert.deepEqual(seen, [[1], [1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7]]);
    assert.equal(list.size, 3);
  });
});
