import assert from "node:assert/strict";
import { swarmPlan } from "../../chaos/campaign-worker.ts";
import { faults } from "../../chaos/faults/catalog.ts";
import { simulatedCluster } from "../../chaos/simulated.ts";
import type { HistoryEvent } from "../../harness/history/event.ts";
import type { Fault } from "../../harness/nemesis.ts";
import { type RunPlan, runPlan } from "../../harness/run.ts";
import type { Step } from "../../harness/workload/catalog.ts";

/** Tasks come and go all the time, so that every node has something to do. */
function busyPlan(faultSteps: readonly Step[]): RunPlan {
  const { options } = swarmPlan(1);
  const work: Step[] = [0, 1, 2, 3].flatMap((offer): Step[] => [
    {
      kind: "acceptOffer",
      framework: 0,
      offer,
      tasks: [{ cpusMilli: 100, memMilli: 32_000, durationMs: 200, exitCode: 0, ignoresSigterm: false, daemonCount: 0 }],
      refuseSeconds: 0,
      twist: "none",
    },
    { kind: "advanceTime", durationMs: 700 },
  ]);
  const steps: Step[] = [
    { kind: "subscribe", framework: 0, evenIfSubscribed: false },
    { kind: "advanceTime", durationMs: 2_000 },
    ...faultSteps,
    ...work,
    ...work,
    { kind: "advanceTime", durationMs: 60_000 },
  ];
  const behaviours = [{ failoverTimeoutMs: 600_000, partitionAware: true, roles: ["batch"], acknowledgesByItself: true }];
  return { options: { ...options, masterCount: 1, agentCount: 2, behaviours, sim: {} }, steps };
}

const simulate = (plan: RunPlan) => runPlan(plan, { createCluster: simulatedCluster, faults, print: () => undefined });

const probesOf = (events: readonly HistoryEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "faultProbe" ? [event.result] : []));

/** A registry is written when agents come and go. */
function company({ name }: Fault): Step[] {
  return name.startsWith("store-") ? [{ kind: "fault", name: "drain-now", target: 0, durationMs: 10 }] : [];
}

describe("the catalog of faults", () => {
  for (const fault of faults) {
    it(`has ${fault.name}, which bites a simulated cluster, and is taken back`, async () => {
      const step: Step = { kind: "fault", name: fault.name, target: 0, durationMs: 8_000 };
      const others = company(fault);
      const result = await simulate(busyPlan([step, ...others]));
      assert.deepEqual(result.reasons, []);
      const expected = [...others, step].flatMap(() => ["bit", "healed"]);
      assert.deepEqual(probesOf(result.events).sort(), expected.sort());
    });
  }
});
