import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { faults } from "../../chaos/faults/catalog.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import { exitCodes, type RunPlan, runPlan } from "../../harness/run.ts";

/**
 * Runs that found a bug in the product, shrunk, each with its story. A plan and not a seed, because what a seed stands for
 * changes with the swarm. To add one: `npm run replay -- SEED --shrink`, copy the smallest plan to test/fixtures/regressions.
 */
const stories = {
  "failover-deadline-and-clock-skew":
    "S30: the failover deadline is kept in Unix time; a next leader whose clock was ahead removed the framework too early",
  "sigterm-during-drain": "S21: SIGTERM cut a drain short: exit code 0, tasks dead, nobody told, and the id came back",
  "teardown-not-durable":
    "convergence: an agent that came back was told to shut a framework down whose end was never written; the next leader had it still",
  "teardown-not-durable-updates":
    "S12: the same, and the agent that had forgotten the task reported it dropped before its last update was acknowledged",
  "killed-after-leaving": "S07: an agent said that it leaves, was killed before it unregistered, and its offers stood until it came back",
  "operation-durable-after-teardown":
    "convergence: a reservation was durable only after a new registration and its framework's end; the new master never heard of it",
  "operation-acknowledged-in-passing":
    "S53: the retry of an operation's end crossed its acknowledgement; a returning agent was asked for it and said it was dropped",
} as const;

const folder = "test/fixtures/regressions";

describe("what the simulator found once", () => {
  for (const [name, story] of Object.entries(stories)) {
    it(`stays away: ${story}`, async () => {
      const plan = JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8")) as RunPlan;
      const lines: string[] = [];
      const result = await runPlan(plan, { createCluster: simulatedCluster, faults, print: (line) => lines.push(line) });
      assert.equal(exitCodes[result.verdict], 0, lines.join("\n"));
    });
  }

  it("has a story for each plan", () => {
    const plans = globSync(`${folder}/*.json`).map((file) => basename(file, ".json"));
    assert.deepEqual(plans.sort(), Object.keys(stories).sort());
  });
});
