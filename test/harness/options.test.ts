import { deepEqual as looselyEqual } from "node:assert";
import assert from "node:assert/strict";
import { describeOptions, swarmOptions } from "../../harness/options.ts";
import { drawPlan } from "../../harness/run.ts";

const faultNames = ["kill-agent", "kill-master", "cut-agent"];

describe("swarmOptions", () => {
  it("gives the same options and steps for the same seed", () => {
    assert.equal(describeOptions(swarmOptions(5, faultNames)), describeOptions(swarmOptions(5, faultNames)));
    assert.deepEqual(drawPlan(swarmOptions(5, faultNames)), drawPlan(swarmOptions(5, faultNames)));
  });

  it("varies sizes, behaviour and faults from seed to seed", () => {
    const all = Array.from({ length: 60 }, (_, seed) => swarmOptions(seed, faultNames));
    const seen = <T>(of: (options: (typeof all)[number]) => T): number => new Set(all.map(of)).size;
    assert.equal(
      seen(({ masterCount }) => masterCount),
      2,
    );
    assert.equal(
      seen(({ agentCount }) => agentCount),
      5,
    );
    assert.equal(
      seen(({ behaviours }) => behaviours.length),
      3,
    );
    assert.equal(
      seen((options) => options.faultNames.join()),
      8,
    );
    assert.equal(
      seen(({ timings }) => timings.maintenance?.mode),
      2,
    );
    assert.equal(
      seen((options) => (options.weights.updateSchedule ?? 0) > 0),
      2,
    );
    assert.ok(all.some(({ weights }) => weights.killTask === 0) && all.some(({ weights }) => (weights.killTask ?? 0) > 0));
  });

  it("begins with a subscription of each framework, and draws as many steps as it says", () => {
    const options = swarmOptions(7, faultNames);
    const { steps } = drawPlan(options);
    assert.equal(steps.length, options.behaviours.length + options.stepCount);
    assert.deepEqual(new Set(steps.slice(0, options.behaviours.length).map(({ kind }) => kind)), new Set(["subscribe"]));
  });

  it("draws steps that are plain JSON", () => {
    const { steps } = drawPlan(swarmOptions(9, faultNames));
    // fast-check makes some of its records without a prototype, which JSON cannot tell.
    looselyEqual(JSON.parse(JSON.stringify(steps)), steps);
  });
});
