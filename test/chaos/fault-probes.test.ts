import assert from "node:assert/strict";
import { faults } from "../../chaos/faults/catalog.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import { type RunPlan, type RunResult, runPlan } from "../../harness/run.ts";
import { faultPlan, probesOf } from "./fault-plan.ts";

const simulate = (plan: RunPlan): Promise<RunResult> => runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });

describe("the probes of faults", () => {
  it("say what was seen: the signal that ended a process, the stream that closed", async () => {
    const names = ["kill-agent", "drain-now", "drop-connections", "pause-agent"];
    const { events, verdict, reasons } = await simulate(faultPlan(names, "sim"));
    assert.equal(verdict, "pass", reasons.join("\n"));
    assert.equal(probesOf(events, "kill-agent").bit, "exited with SIGKILL");
    assert.match(probesOf(events, "kill-agent").healed ?? "", /^registered as incarnation \d+$/);
    assert.equal(probesOf(events, "drain-now").bit, "exited with code 0");
    assert.match(probesOf(events, "drop-connections").bit ?? "", /^\d+ scheduler streams closed$/);
    assert.deepEqual(probesOf(events, "pause-agent"), { bit: "the process is stopped", healed: "the process runs" });
  });

  it("see no bite where there is nothing to bite into", async () => {
    const plan = faultPlan(["drop-connections"], "sim");
    const idle = { ...plan, steps: plan.steps.filter(({ kind }) => kind !== "subscribe") };
    assert.equal(probesOf((await simulate(idle)).events, "drop-connections").bit, undefined);
  });
});
