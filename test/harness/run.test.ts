import assert from "node:assert/strict";
import { swarmOptions } from "../../harness/options.ts";
import { drawPlan, exitCodes, type RunTools, runPlan } from "../../harness/run.ts";
import { SimCluster } from "../../harness/sim-cluster.ts";
import { minimalFaultNames, minimalFaults } from "./minimal-faults.ts";

const plan = drawPlan({ ...swarmOptions(3, minimalFaultNames), stepCount: 20 });

function toolsWith(lines: string[], more: Partial<RunTools> = {}): RunTools {
  return {
    createCluster: (options, run) => new SimCluster(options, run.sim),
    faults: minimalFaults,
    print: (line) => lines.push(line),
    ...more,
  };
}

describe("runPlan", () => {
  it("prints the options first and the verdict and the replay last", async () => {
    const lines: string[] = [];
    const result = await runPlan(plan, toolsWith(lines));
    assert.match(lines[0] ?? "", /^options \{"seed":3,/);
    assert.equal(lines.at(-2), `verdict: ${result.verdict}, trace ${result.traceHash}`);
    assert.equal(lines.at(-1), "replay: npm run sim -- --seed 3");
  });

  it("goes through all phases, and the history begins with what the run is", async () => {
    const { events } = await runPlan(plan, toolsWith([]));
    assert.equal(events[0]?.kind, "run");
    const phases = events.flatMap((event) => (event.kind === "phase" ? [event.phase] : []));
    assert.deepEqual(phases, ["safety", "heal", "liveness", "end"]);
    assert.equal(events.filter(({ kind }) => kind === "converged").length, 1);
  });

  it("never calls a crash of the harness a pass", async () => {
    const lines: string[] = [];
    const result = await runPlan(plan, toolsWith(lines, { createCluster: () => Promise.reject(new Error("no cluster today")) }));
    assert.equal(result.verdict, "harness-error");
    assert.equal(exitCodes[result.verdict], 2);
    assert.ok(lines.some((line) => line.includes("no cluster today")));
  });

  it("does not pass when it did not put to the test what it is for", async () => {
    const first = await runPlan(plan, toolsWith([]));
    assert.equal(first.verdict, "pass", first.reasons.join("\n"));
    const idOf = (isTested: boolean): string =>
      first.judgement?.results.find(({ verdict }) => verdict.kind === "pass" && verdict.evaluated > 0 === isTested)?.id ?? "none";
    const [tested, untested] = [idOf(true), idOf(false)];
    assert.equal((await runPlan({ ...plan, obligations: [tested] }, toolsWith([]))).verdict, "pass");
    const { verdict, reasons } = await runPlan({ ...plan, obligations: [tested, untested, "S999"] }, toolsWith([]));
    assert.equal(verdict, "unknown");
    assert.equal(reasons.length, 2);
    assert.match(reasons[0] ?? "", new RegExp(`^${untested} .* was not put to the test`));
    assert.match(reasons[1] ?? "", /^S999 .* no checker/);
  });

  it("fails, with the reasons, when the healed cluster does not converge", async () => {
    const result = await runPlan(
      plan,
      toolsWith([], {
        createCluster: (options, run) => {
          const cluster = new SimCluster(options, run.sim);
          // A disk that never heals: no agent can be admitted or removed, no framework can come.
          const boot = cluster.boot.bind(cluster);
          cluster.boot = async () => {
            await boot();
            cluster.world.registry.setFull(true);
          };
          return cluster;
        },
      }),
    );
    assert.equal(result.verdict, "fail");
    assert.ok(result.pending.length > 0);
    assert.ok(result.reasons.some((reason) => reason.startsWith("not converged: ")));
  }).timeout(30_000);
});
