/**
 * The smoke suite: two frameworks run tasks of all sorts on three agents while one fault after the other hits the
 * cluster: drain now, a master killed, an agent killed, ended, paused and cut off, connections dropped. Then comes a
 * stretch that the seed draws. The same on every kind of cluster; what a kind cannot do, it leaves out.
 */

import { createPrng } from "../../common/prng.ts";
import type { Tier } from "../../harness/cluster.ts";
import { drawPlan, type RunPlan } from "../../harness/run.ts";
import type { StepWeights } from "../../harness/workload/arbitraries.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import type { AcceptOfferStep, AcceptTwist, TaskStep } from "../../harness/workload/commands/accept-offer.ts";
import type { LaunchGroupStep } from "../../harness/workload/commands/launch-group.ts";
import type { FrameworkBehaviour } from "../../harness/workload/framework.ts";
import { faults } from "../faults/catalog.ts";
import type { Suite } from "./suite.ts";
import { quickTimings } from "./timings.ts";

const drawnStepCount = 40;

/** Drawn steps that let time pass are cut to this, so that a run in real time ends within a minute. */
const drawnAdvanceMaxMs = 400;
const drawnFaultMaxMs = 800;

/** What checkers allow a message and what it causes in calm times, with a little to spare. */
const messageMs = 1_200;

/** The longest that checkers wait for a task to start or to end, beside its messages. */
const startOrEndMs = 5_000;

const look: Step = { kind: "snapshot", freeWithinMs: 0 };

const behaviours: readonly FrameworkBehaviour[] = [
  { failoverTimeoutMs: 60_000, partitionAware: false, roles: ["batch"], acknowledgesByItself: true },
  { failoverTimeoutMs: 60_000, partitionAware: true, roles: ["web"], acknowledgesByItself: true },
];

const weights: StepWeights = {
  acceptOffer: 24,
  declineOffer: 4,
  revive: 4,
  launchGroup: 5,
  killTask: 6,
  reconcile: 4,
  messageExecutor: 1,
  shutdownExecutor: 1,
  advanceTime: 40,
  snapshot: 4,
  dropStream: 1,
  fault: 5,
};

export const smoke: Suite = {
  name: "smoke",
  description: "one master, three agents, two frameworks; every fault once, then what the seed draws",
  plan,
};

function plan(seed: number, tier: Tier): RunPlan {
  const drawn = drawPlan({
    seed,
    tier,
    suite: smoke.name,
    masterCount: 1,
    agentCount: 3,
    behaviours,
    timings: quickTimings(tier),
    stepCount: drawnStepCount,
    weights,
    faultNames: faults.map((fault) => fault.name),
    sim: {},
  });
  return { options: drawn.options, steps: [...scripted(seed, tier), ...drawn.steps.map(shorten)] };
}

/** The part that every run has. Which node a fault hits, the seed decides. */
function scripted(seed: number, tier: Tier): readonly Step[] {
  // Who must have heard what is certain only when all was calm around the signal, by the measure of this kind of cluster.
  const calmMs = quickTimings(tier).epsilonMs + messageMs;
  const calm = pass(calmMs);
  const prng = createPrng(`smoke/${seed}`);
  const hit = (name: string, durationMs: number, afterMs: number): Step[] => [
    { kind: "fault", name, target: prng.nextInt(3), durationMs },
    pass(durationMs + afterMs),
    look,
  ];
  return [
    { kind: "subscribe", framework: 0, evenIfSubscribed: false },
    { kind: "subscribe", framework: 1, evenIfSubscribed: false },
    calm,
    ...fill(),
    pass(700),
    ...groups(),
    look,
    calm,
    // Nothing has gone wrong yet, and for long enough that each launch, kill and question must be answered in time.
    { kind: "reconcile", framework: 0, which: "live", namesAgent: true },
    { kind: "reconcile", framework: 1, which: "implicit", namesAgent: false },
    { kind: "killTask", framework: 0, task: 0, which: "live", namesAgent: true, graceMs: 200 },
    { kind: "killTask", framework: 1, task: 0, which: "unknown", namesAgent: false, graceMs: null },
    pass(startOrEndMs + calmMs),
    ...hit("drain-now", 600, 900),
    calm,
    ...wrongCalls(),
    ...fill(),
    pass(500),
    ...hit("kill-master", 400, 1_500),
    { kind: "reconcile", framework: 0, which: "implicit", namesAgent: false },
    { kind: "reconcile", framework: 1, which: "live", namesAgent: true },
    ...fill(),
    pass(400),
    ...hit("kill-agent", 400, 1_000),
    ...hit("pause-agent", 700, 500),
    { kind: "killTask", framework: 0, task: 0, which: "live", namesAgent: true, graceMs: 200 },
    { kind: "killTask", framework: 1, task: 1, which: "live", namesAgent: false, graceMs: null },
    { kind: "killTask", framework: 0, task: 0, which: "unknown", namesAgent: false, graceMs: null },
    ...hit("term-agent", 400, 1_000),
    ...hit("cut-agent", 1_200, 1_000),
    ...hit("drop-connections", 100, 1_500),
  ];
}

/** Each way in which an ACCEPT can be wrong, and a KILL that races with its launch. */
function wrongCalls(): readonly Step[] {
  const twists: readonly AcceptTwist[] = [
    "twice",
    "tooMuch",
    "reusedTaskId",
    "foreignOffer",
    "staleOffer",
    "goodAndStaleOffer",
    "mixedOffers",
    "killAtOnce",
  ];
  return twists.flatMap((twist, index): Step[] => [{ ...accept(index % 2, 0, [task()]), twist }, pass(300)]);
}

/** The frameworks take every offer that they have, twice, so that each agent runs tasks of both. */
function fill(): readonly Step[] {
  const round = [0, 1, 2].flatMap(() => [
    accept(0, 0, [task(), task({ ignoresSigterm: true, daemonCount: 1 }), task({ durationMs: 500 })]),
    accept(1, 0, [task({ daemonCount: 1 }), task({ durationMs: 400, exitCode: 3 })]),
  ]);
  return [...round, pass(500), ...round];
}

/** A group that falls with one of its tasks, one that goes on, and one that must not start at all. */
function groups(): readonly Step[] {
  const group: Omit<LaunchGroupStep, "framework" | "tasks"> = {
    kind: "launchGroup",
    offer: 0,
    executor: 0,
    isDefault: true,
    refuseSeconds: 0,
    twist: "none",
  };
  return [
    { ...group, framework: 0, tasks: [task(), task({ ignoresSigterm: true, daemonCount: 1 }), task({ durationMs: 1_000, exitCode: 3 })] },
    { ...group, framework: 1, tasks: [task(), task({ durationMs: 400 })] },
    pass(500),
    { ...group, framework: 0, executor: 1, tasks: [task(), task()], twist: "tooMuch" },
  ];
}

function accept(framework: number, offer: number, tasks: readonly TaskStep[]): AcceptOfferStep {
  return { kind: "acceptOffer", framework, offer, tasks, refuseSeconds: 0, twist: "none" };
}

function task(part: Partial<TaskStep> = {}): TaskStep {
  return { cpusMilli: 100, memMilli: 32_000, durationMs: null, exitCode: 0, ignoresSigterm: false, daemonCount: 0, ...part };
}

function pass(durationMs: number): Step {
  return { kind: "advanceTime", durationMs };
}

function shorten(step: Step): Step {
  if (step.kind === "advanceTime") return { ...step, durationMs: Math.min(step.durationMs, drawnAdvanceMaxMs) };
  if (step.kind === "snapshot") return { ...step, freeWithinMs: Math.min(step.freeWithinMs, drawnAdvanceMaxMs) };
  if (step.kind === "fault") return { ...step, durationMs: Math.min(step.durationMs, drawnFaultMaxMs) };
  return step;
}
