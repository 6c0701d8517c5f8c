import assert from "node:assert/strict";
import { findVacuity, runCampaign } from "../../chaos/campaign.ts";
import type { SeedOutcome } from "../../chaos/campaign-worker.ts";
import { faults } from "../../chaos/faults/catalog.ts";
import { checkers } from "../../harness/checkers/catalog.ts";

const everything = (runs: number) => ({
  runs,
  evaluated: new Map(checkers.map(({ id }) => [id, runs])),
  bites: new Map(faults.map(({ name }) => [name, 1])),
});

describe("findVacuity", () => {
  it("finds nothing when every guarantee was put to the test and every fault bit", () => {
    assert.deepEqual(findVacuity(everything(500)), []);
  });

  it("names a guarantee whose precondition was met in less than one run of a hundred, or never", () => {
    const campaign = everything(1_000);
    campaign.evaluated.set("L01", 9);
    campaign.evaluated.delete("S22");
    assert.deepEqual(
      findVacuity(campaign).map((line) => line.replace(/\(.*\) /, "")),
      ["L01 was put to the test in 9 of 1000 runs", "S22 was put to the test in 0 of 1000 runs"],
    );
  });

  it("names a fault that never bit", () => {
    const campaign = everything(500);
    campaign.bites.delete("drain-now");
    assert.deepEqual(findVacuity(campaign), ["the fault drain-now never bit"]);
  });

  it("says that a campaign without a run proves nothing", () => {
    assert.deepEqual(findVacuity({ runs: 0, evaluated: new Map(), bites: new Map() }), ["no run was done"]);
  });

  it("expects nothing of a short campaign", () => {
    assert.deepEqual(findVacuity({ runs: 499, evaluated: new Map(), bites: new Map() }), []);
  });
});

describe("runCampaign", () => {
  it("runs each seed once and counts what was put to the test", async () => {
    const outcomes: SeedOutcome[] = [];
    const result = await runCampaign({
      firstSeed: 1,
      runs: 4,
      timeLimitMs: Number.POSITIVE_INFINITY,
      workerCount: 1,
      print: () => undefined,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    assert.deepEqual(
      outcomes.map(({ seed }) => seed),
      [1, 2, 3, 4],
    );
    assert.deepEqual([result.runs, result.failures, result.evaluated.get("S46")], [4, [], 4]);
  });
});
