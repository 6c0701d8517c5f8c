/** The hunt over seeds, with runs whose results are given. */

import assert from "node:assert/strict";
import { findMutant } from "../../../chaos/mutants/catalog.ts";
import { huntBySeeds } from "../../../chaos/mutants/hunt-seeds.ts";
import type { RunVerdict } from "../../../harness/run.ts";

interface Given {
  readonly verdict: RunVerdict;
  readonly reasons: readonly string[];
  readonly acted: boolean;
}

const pass: Given = { verdict: "pass", reasons: [], acted: true };
const fail: Given = { verdict: "fail", reasons: ["S22: the first", "S22: the second"], acted: true };

/** By seed from 1 on, with the bug and without it. */
async function huntIn({ limitMs, planted, clean }: { limitMs: number; planted: readonly Given[]; clean: readonly Given[] }) {
  const seeds: string[] = [];
  const hunt = await huntBySeeds(
    findMutant("M01"),
    {
      suite: "given",
      run: async (seed, mutant) => {
        seeds.push(`${seed} ${mutant?.id ?? "clean"}`);
        return (mutant === undefined ? clean : planted)[seed - 1] ?? assert.fail(`nothing is given for seed ${seed}`);
      },
      hasMarker: ({ acted }) => acted,
      caughtBy: () => ["S22"],
      replay: (seed) => `again ${seed}`,
    },
    { firstSeed: 1, limitMs },
  );
  return { hunt, seeds };
}

describe("huntBySeeds()", () => {
  it("catches a bug with the first run that fails with it and passes without it", async () => {
    const { hunt, seeds } = await huntIn({ limitMs: Number.POSITIVE_INFINITY, planted: [pass, fail], clean: [fail, pass] });
    assert.deepEqual(seeds, ["1 M01", "2 M01", "2 clean"]);
    const { seed, suite, caughtBy, reason, replay } = hunt.catch ?? assert.fail("it was not caught");
    assert.deepEqual(
      { seed, suite, caughtBy, reason, replay },
      { seed: 2, suite: "given", caughtBy: ["S22"], reason: "S22: the first", replay: "TEPUI_MUTANT=M01 again 2" },
    );
    assert.deepEqual([hunt.sequences, hunt.actedCount, hunt.falseAlarms, hunt.problem], [2, 2, [], undefined]);
  });

  it("counts neither a run that fails without the bug, too, nor one in which the bug did not act", async () => {
    const planted = [fail, { ...fail, acted: false }, fail];
    const { hunt } = await huntIn({ limitMs: Number.POSITIVE_INFINITY, planted, clean: [fail, pass, pass] });
    assert.equal(hunt.catch?.seed, 3);
    assert.deepEqual([hunt.sequences, hunt.actedCount, hunt.falseAlarms], [3, 2, [1]]);
  });

  it("starts no run when its time is up", async () => {
    const { hunt, seeds } = await huntIn({ limitMs: 0, planted: [fail], clean: [pass] });
    assert.deepEqual([hunt.catch, hunt.sequences, seeds], [undefined, 0, []]);
  });
});
