/** The generator is deterministic, even enough for a simulator, and its forks do not disturb it. */

import assert from "node:assert/strict";
import { InvariantError } from "../../common/assert.ts";
import { createPrng } from "../../common/prng.ts";

const draws = (seed: number | string, count: number): number[] => {
  const prng = createPrng(seed);
  return Array.from({ length: count }, () => prng.nextUint32());
};

describe("prng", () => {
  it("gives the same numbers for the same seed, as number or as text, and others for another seed", () => {
    assert.deepEqual(draws(7, 100), draws("7", 100));
    assert.notDeepEqual(draws(7, 4), draws(8, 4));
    assert.notDeepEqual(draws("ab", 4), draws("ba", 4));
  });
  it("gives numbers that do not change from version to version", () => {
    assert.deepEqual(draws(1, 3), [2477157643, 3464793677, 3844776368]);
  });
  it("gives forks that depend on the seed and the label only", () => {
    const fresh = createPrng(3);
    const used = createPrng(3);
    used.nextUint32();
    assert.equal(fresh.fork("net").uuid(), used.fork("net").uuid());
    assert.notEqual(fresh.fork("net").uuid(), fresh.fork("disk").uuid());
    assert.notEqual(fresh.fork("net").uuid(), createPrng(3).uuid());
  });
  it("spreads whole numbers evenly below a bound", () => {
    const prng = createPrng("even");
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < 7_000; draw++) {
      const drawn = prng.nextInt(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    assert.equal(counts.length, 7);
    // Five standard deviations of a binomial with 7,000 draws.
    for (const count of counts) assert.ok(Math.abs(count - 1_000) < 150, `counts ${counts}`);
  });
  it("gives floats from 0 to below 1, and chances that follow them", () => {
    const prng = createPrng("float");
    let hits = 0;
    for (let draw = 0; draw < 4_000; draw++) {
      const drawn = prng.nextFloat();
      assert.ok(drawn >= 0 && drawn < 1);
      if (prng.chance(0.25)) hits++;
    }
    assert.ok(hits > 850 && hits < 1_150, `${hits} hits of 4000`);
    assert.equal(prng.chance(0), false);
    assert.equal(prng.chance(1), true);
  });
  it("picks every item of a list and refuses an empty one", () => {
    const prng = createPrng("pick");
    assert.deepEqual([...new Set(Array.from({ length: 50 }, () => prng.pick(["a", "b", "c"])))].sort(), ["a", "b", "c"]);
    assert.throws(() => prng.pick([]), InvariantError);
    assert.throws(() => prng.nextInt(0), InvariantError);
  });
  it("makes distinct version 4 uuids", () => {
    const prng = createPrng("uuid");
    const uuids = Array.from({ length: 200 }, () => prng.uuid());
    for (const uuid of uuids) assert.match(uuid, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    assert.equal(new Set(uuids).size, 200);
  });
});
