/** How figures are read: targets, ratios to the floor, percentiles, and what is printed of them. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";

import { atLeast, atMost, isReached, ratioOf } from "../../bench/measurement.ts";
import { percentile } from "../../bench/percentile.ts";
import { formatFigures, formatJson } from "../../bench/report.ts";

describe("figures", () => {
  const figure = { name: "time", unit: "ms", value: 30, floor: 10 };

  it("reach their target when they are within it", () => {
    assert.equal(isReached({ ...figure, target: atMost(30) }), true);
    assert.equal(isReached({ ...figure, target: atMost(29) }), false);
    assert.equal(isReached({ ...figure, target: atLeast(31) }), false);
  });

  it("are held against their floor as a ratio", () => {
    assert.equal(ratioOf(figure), 3);
    assert.equal(isReached({ ...figure, ratioTarget: atMost(3) }), true);
    assert.equal(isReached({ ...figure, target: atMost(30), ratioTarget: atMost(2) }), false);
  });

  it("without a target are neither reached nor missed", () => {
    assert.equal(isReached(figure), undefined);
  });

  it("are printed with their target, and as JSON with what they reached", () => {
    const measurement = { figures: [{ ...figure, target: atMost(29) }], peakRssBytes: { master: 1 }, problems: [] };
    assert.match(formatFigures(measurement), /time +30 ms +10 +3 +<= 29 +no/);
    const json = JSON.parse(formatJson({ workload: "w", sizes: { tasks: 1 }, measurement }));
    assert.equal(json.figures[0].reached, false);
    assert.equal(json.figures[0].ratio, 3);
    assert.deepEqual(json.peakRssBytes, { master: 1 });
  });
});

describe("percentile()", () => {
  it("answers the nearest rank", () => {
    const samples = [5, 1, 4, 2, 3];
    assert.equal(percentile(samples, 50), 3);
    assert.equal(percentile(samples, 99), 5);
    assert.equal(percentile([7], 50), 7);
  });

  it("refuses to answer for no samples", () => {
    assert.throws(() => percentile([], 50), RangeError);
  });
});
