/** A run in which faults hit a cluster that works, one after the other, each with something to bite into. */

import { quickTimings } from "../../chaos/suites/timings.ts";
import type { Tier } from "../../harness/cluster.ts";
import type { HistoryEvent } from "../../harness/history/event.ts";
import type { RunPlan } from "../../harness/run.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import type { TaskStep } from "../../harness/workload/commands/accept-offer.ts";

const faultDurationMs = 2_000;

export function faultPlan(names: readonly string[], tier: Tier, seed = 1): RunPlan {
  return {
    options: {
      seed,
      tier,
      suite: "faults",
      masterCount: 1,
      agentCount: 2,
      behaviours: [{ failoverTimeoutMs: 60_000, partitionAware: false, roles: ["batch"], acknowledgesByItself: true }],
      timings: quickTimings(tier),
      stepCount: 0,
      weights: {},
      faultNames: names,
      sim: {},
    },
    steps: [{ kind: "subscribe", framework: 0, evenIfSubscribed: false }, pass(1_000), ...names.flatMap(hit)],
  };
}

/** Tasks end, start and are asked for, streams end and begin, while the fault lasts. */
function hit(name: string): Step[] {
  return [
    accept([task({ durationMs: 900 }), task()]),
    pass(600),
    { kind: "fault", name, target: 0, durationMs: faultDurationMs },
    pass(100),
    accept([task({ durationMs: 300 })]),
    { kind: "dropStream", framework: 0 },
    { kind: "reconcile", framework: 0, which: "implicit", namesAgent: false },
    pass(faultDurationMs),
    { kind: "subscribe", framework: 0, evenIfSubscribed: false },
    pass(1_500),
  ];
}

/** What the probes of a fault saw: the evidence, in the history's words. */
export function probesOf(
  events: readonly HistoryEvent[],
  name: string,
): { readonly bit: string | undefined; readonly healed: string | undefined } {
  const begin = events.find((event) => event.kind === "faultBegin" && event.name === name);
  const evidence = (result: "bit" | "healed"): string | undefined => {
    const probe = events.find(
      (event) => event.kind === "faultProbe" && event.result === result && begin?.kind === "faultBegin" && event.fault === begin.fault,
    );
    return probe?.kind === "faultProbe" ? probe.evidence : undefined;
  };
  return { bit: evidence("bit"), healed: evidence("healed") };
}

function accept(tasks: readonly TaskStep[]): Step {
  return { kind: "acceptOffer", framework: 0, offer: 0, tasks, refuseSeconds: 0, twist: "none" };
}

function task(part: Partial<TaskStep> = {}): TaskStep {
  return { cpusMilli: 100, memMilli: 32_000, durationMs: null, exitCode: 0, ignoresSigterm: false, daemonCount: 0, ...part };
}

function pass(durationMs: number): Step {
  return { kind: "advanceTime", durationMs };
}
