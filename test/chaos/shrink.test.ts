import assert from "node:assert/strict";
import { faults } from "../../chaos/faults/catalog.ts";
import { shrinkPlan, signatureOf } from "../../chaos/shrink.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import { type RunPlan, type RunResult, runPlan } from "../../harness/run.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import { crashedResult, failingResult } from "./failing-result.ts";
import { faultPlan } from "./fault-plan.ts";

const names = ["kill-agent", "drop-connections", "pause-agent", "kill-master"];

/** Simulates with a planted failure: once the master was killed, an agent seems to end by itself. */
async function simulate(plan: RunPlan): Promise<RunResult> {
  return runPlan(plan, {
    createCluster: (options, run) => {
      const cluster = simulatedCluster(options, run);
      const signal = cluster.signal.bind(cluster);
      cluster.signal = async (node, which) => {
        await signal(node, which);
        if (node.startsWith("master")) options.recorder.record({ kind: "fatal", node: "agent-1", message: "planted" });
      };
      return cluster;
    },
    faults,
    print: () => undefined,
  });
}

describe("shrinking", () => {
  it("reduces a run that fails to the few steps that make it fail", async () => {
    const plan = faultPlan(names, "sim");
    const signature = signatureOf(await simulate(plan));
    assert.equal(signature, "S46");
    const shrunk = await shrinkPlan(plan, async (candidate) => signatureOf(await simulate(candidate)) === signature);
    assert.deepEqual(shrunk.plan.steps, [{ kind: "fault", name: "kill-master", target: 0, durationMs: 100 }]);
    assert.deepEqual(shrunk.plan.options, plan.options);
    assert.equal(signatureOf(await simulate(shrunk.plan)), signature);
  });

  it("keeps steps that only fail together", async () => {
    const steps = Array.from({ length: 20 }, (_, index): Step => ({ kind: "advanceTime", durationMs: 10_000 + index }));
    const needed = [3, 4, 17].map((index) => steps[index]);
    const shrunk = await shrinkPlan({ ...faultPlan([], "sim"), steps }, async (plan) =>
      needed.every((step) => plan.steps.includes(step as Step)),
    );
    assert.deepEqual(shrunk.plan.steps, needed);
  });

  it("makes what is left simpler: shorter waits, one task in place of many", async () => {
    const task = { cpusMilli: 100, memMilli: 1, durationMs: null, exitCode: 0, ignoresSigterm: false, daemonCount: 0 };
    const tasks = [1, 2, 3].map((exitCode) => ({ ...task, exitCode }));
    const steps: Step[] = [
      { kind: "advanceTime", durationMs: 60_000 },
      { kind: "acceptOffer", framework: 0, offer: 0, tasks, refuseSeconds: 0, twist: "none" },
    ];
    const fails = async (plan: RunPlan): Promise<boolean> =>
      plan.steps.some((step) => step.kind === "advanceTime" && step.durationMs >= 1_000) &&
      plan.steps.some((step) => step.kind === "acceptOffer" && step.tasks.some(({ exitCode }) => exitCode === 2));
    const shrunk = await shrinkPlan({ ...faultPlan([], "sim"), steps }, fails);
    assert.deepEqual(shrunk.plan.steps, [
      { kind: "advanceTime", durationMs: 1_000 },
      { ...steps[1], tasks: [tasks[1]] },
    ]);
  });

  it("gives up after a bounded number of runs", async () => {
    const steps = Array.from({ length: 3_000 }, (_, index): Step => ({ kind: "advanceTime", durationMs: index }));
    const shrunk = await shrinkPlan({ ...faultPlan([], "sim"), steps }, async (plan) => plan.steps.length === steps.length);
    assert.equal(shrunk.tries, 2_000);
    assert.equal(shrunk.plan.steps.length, steps.length);
  });

  it("knows a failure by the guarantee that broke first, else by what kind of end it was", () => {
    assert.equal(signatureOf(failingResult()), "S03");
    assert.equal(signatureOf({ ...failingResult(), judgement: undefined }), "not converged");
    assert.equal(signatureOf({ ...crashedResult(), pending: [] }), "harness-error");
  });
});
