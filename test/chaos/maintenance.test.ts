import assert from "node:assert/strict";
import { faults } from "../../chaos/faults/catalog.ts";
import { summaryLines } from "../../chaos/report/summary.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import { suites } from "../../chaos/suites/catalog.ts";
import { maintenance } from "../../chaos/suites/maintenance.ts";
import type { Tier } from "../../harness/cluster.ts";
import { exitCodes, runPlan } from "../../harness/run.ts";
import { probesOf } from "./fault-plan.ts";
import { checkStory } from "./maintenance-behaviour.ts";

/** A new one each time, which a failure prints; TEPUI_SEED does one again. */
const seed = Number(process.env["TEPUI_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** What it is made for; every run puts it to the test. */
const obligations = "S35 S36 S37 S38 S39 S40 S42 S43".split(" ");

describe(`the maintenance suite, seed ${seed}`, () => {
  it("is found by its name", () => {
    assert.equal(suites.get("maintenance"), maintenance);
  });

  it("is the same sequence on every kind of cluster", () => {
    const withoutTime = (tier: Tier, which = seed) =>
      maintenance.plan(which, tier).steps.map((step) => ("durationMs" in step ? { ...step, durationMs: 0 } : step));
    assert.deepEqual(withoutTime("processes"), withoutTime("sim"));
    assert.deepEqual(withoutTime("containers"), withoutTime("sim"));
  });

  it("takes no more than a minute of the cluster's time before it heals", () => {
    const durationMs = maintenance
      .plan(seed, "containers")
      .steps.reduce((sum, step) => sum + (step.kind === "advanceTime" ? step.durationMs : 0), 0);
    assert.ok(durationMs < 60_000, `${durationMs} ms`);
  });

  // Four seeds in a row have both modes.
  it("passes in simulation, with the master dead at the first deadline and killed again while the second one takes tasks", async () => {
    for (let one = seed; one < seed + 4; one++) {
      const result = await runPlan(maintenance.plan(one, "sim"), { createCluster: simulatedCluster, faults, print: () => undefined });
      const told = summaryLines(result, "").join("\n");
      assert.equal(exitCodes[result.verdict], 0, told);
      for (const id of obligations) {
        const verdict = result.judgement?.results.find((each) => each.id === id)?.verdict;
        assert.ok(verdict?.kind === "pass" && verdict.evaluated > 0, `${id} is not put to the test\n${told}`);
      }
      const { bit, healed } = probesOf(result.events, "kill-master");
      assert.ok(bit && healed, told);
      const { machines, deadMasters } = checkStory(result, told);
      const starts = machines.map(({ spans }) => spans[0]?.window.startAtMs ?? 0);
      assert.ok(
        deadMasters.some(({ fromMs, toMs }) => fromMs < (starts[0] ?? 0) && toMs > (starts[0] ?? 0)),
        told,
      );
      const taken = machines[1]?.ends.filter(({ reason }) => reason === "REASON_AGENT_DRAINING").map(({ atMs }) => atMs) ?? [];
      const isKilledAmong = deadMasters.some(({ fromMs }) => taken.some((atMs) => atMs < fromMs) && taken.some((atMs) => atMs > fromMs));
      assert.equal(isKilledAmong, taken.length > 0, told);
    }
  }).timeout(60_000);
});
