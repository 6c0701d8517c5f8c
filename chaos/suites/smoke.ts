/**
 * The smoke suite: two frameworks run tasks of all sorts on three agents while one fault after the other hits the
 * cluster: drain now, a master killed while there is a quota, an agent killed, ended, paused and cut off, connections dropped.
 * Then an operator takes agents out of service. Three more frameworks are there before the first fault for what must happen when
 * nothing is wrong: one does not acknowledge and makes a volume, one stays away for too long, one is torn down. Last comes a
 * stretch that the seed draws, in which the operator also kills tasks and changes resources. Somebody reads the operators' event stream
 * all the time. The same on every kind of cluster.
 */

import { createPrng } from "../../common/prng.ts";
import type { Tier } from "../../harness/cluster.ts";
import { drawPlan, type RunPlan } from "../../harness/run.ts";
import type { StepWeights } from "../../harness/workload/arbitraries.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import type { AcceptTwist } from "../../harness/workload/commands/accept-offer.ts";
import type { LaunchGroupStep } from "../../harness/workload/commands/launch-group.ts";
import type { FrameworkBehaviour } from "../../harness/workload/framework.ts";
import { faults } from "../faults/catalog.ts";
import { accept, decline, look, pass, subscribe, task, wantNoMore } from "./steps.ts";
import type { Suite } from "./suite.ts";
import { messageMs, quickTimings } from "./timings.ts";

const drawnStepCount = 40;

/** Drawn steps that let time pass are cut to this, so that a run in real time ends within a minute. */
const drawnAdvanceMaxMs = 400;
const drawnFaultMaxMs = 800;

/** The longest that checkers wait for a task to start or to end, beside its messages. */
const startOrEndMs = 5_000;

/** Some allocations, and the way of an offer to its framework. */
const offerMs = 600;

const lookAtFree: Step = { kind: "snapshot", freeWithinMs: offerMs };

const leavingTimeoutMs = 500;

const behaviours: readonly FrameworkBehaviour[] = [
  { failoverTimeoutMs: 60_000, partitionAware: false, roles: ["batch"], acknowledgesByItself: true },
  { failoverTimeoutMs: 60_000, partitionAware: true, roles: ["web"], acknowledgesByItself: true },
  { failoverTimeoutMs: 60_000, partitionAware: true, roles: ["ops"], acknowledgesByItself: false },
  { failoverTimeoutMs: leavingTimeoutMs, partitionAware: false, roles: ["batch"], acknowledgesByItself: true },
  { failoverTimeoutMs: 60_000, partitionAware: true, roles: ["ops"], acknowledgesByItself: true },
];

/** So that on every agent some task ends just then when an agent is to be hit at the end of a task. */
const soonEnding = [300, 450, 600, 750].map((durationMs) => task({ cpusMilli: 50, durationMs }));

/** Their positions: the two that work, the one that does not acknowledge, the one that stays away, the one that is torn down. */
const [batch, web, silent, leaving, ending] = [0, 1, 2, 3, 4] as const;

const weights: StepWeights = {
  acceptOffer: 24,
  declineOffer: 4,
  revive: 4,
  killTask: 6,
  orderKill: 3,
  orderResources: 3,
  reconcile: 4,
  messageExecutor: 1,
  shutdownExecutor: 1,
  launchGroup: 5,
  advanceTime: 40,
  snapshot: 4,
  dropStream: 1,
  fault: 5,
};

export const smoke: Suite = {
  name: "smoke",
  description: "one master, three agents, five frameworks; every fault once, then what the seed draws",
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
    readsEvents: true,
    timings: quickTimings(tier),
    stepCount: drawnStepCount,
    weights,
    faultNames: faults.map((fault) => fault.name),
    sim: {},
  });
  return { options: drawn.options, steps: [...scripted(seed, tier), ...drawn.steps.map(shorten)] };
}

const impostor = {
  kind: "impersonateAgent",
  which: "current",
  guesses: true,
  framework: batch,
  task: 0,
  mark: "5e".repeat(16),
} as const;

/** The part that every run has. Which node a fault hits, the seed decides. */
function scripted(seed: number, tier: Tier): readonly Step[] {
  // Who must have heard what is certain only when all was calm around the signal, by the measure of this kind of cluster.
  const calmMs = quickTimings(tier).epsilonMs + messageMs;
  const calm = pass(calmMs);
  const prng = createPrng(`smoke/${seed}`);
  const hit = (name: string, durationMs: number, afterMs: number): Step[] => [
    { kind: "fault", name, target: prng.nextInt(3), durationMs },
    pass(durationMs / 2),
    look,
    pass(durationMs / 2 + afterMs),
    look,
  ];
  return [
    ...quietDeeds(),
    subscribe(batch),
    subscribe(web),
    pass(offerMs),
    ...fill(),
    pass(offerMs),
    ...groups(),
    // What is declined for a moment must be offered again after it.
    ...[batch, web].map((framework) => decline(framework, 0.3)),
    lookAtFree,
    pass(500),
    calm,
    // Nothing has gone wrong yet, and for long enough that each launch, kill and question must be answered in time.
    // Nor does it when somebody else says that an agent leaves, comes as it, or reports for it.
    ...(["farewell", "takeOver", "report"] as const).map((what, agent): Step => ({ ...impostor, what, agent })),
    { kind: "reconcile", framework: batch, which: "live", namesAgent: true },
    { kind: "reconcile", framework: web, which: "implicit", namesAgent: false },
    { kind: "killTask", framework: batch, task: 2, which: "live", namesAgent: true, graceMs: 200 },
    { kind: "killTask", framework: web, task: 0, which: "unknown", namesAgent: false, graceMs: null },
    ...[batch, web].map((framework): Step => ({ kind: "shutdownExecutor", framework, task: 0, executor: 0 })),
    ...[batch, web].map((framework): Step => ({ ...accept(framework, 0, [task()]), twist: "reusedTaskId" })),
    lookAtFree,
    calm,
    { kind: "dropStream", framework: leaving },
    { kind: "teardown", framework: ending },
    pass(Math.max(startOrEndMs, leavingTimeoutMs + 2 * calmMs)),
    look,
    // By now the leader knows every agent that there is, so that even questions about nobody are answered.
    { kind: "reconcile", framework: batch, which: "all", namesAgent: true },
    { kind: "reconcile", framework: web, which: "unknown", namesAgent: false },
    ...hit("drain-now", 600, 900),
    calm,
    ...wrongCalls(),
    ...fill(),
    pass(500),
    ...quotas(),
    ...hit("kill-master", 400, 1_500),
    ...endOfQuotas(),
    { kind: "reconcile", framework: batch, which: "implicit", namesAgent: false },
    { kind: "reconcile", framework: web, which: "live", namesAgent: true },
    ...fill(),
    pass(400),
    ...hit("kill-agent", 400, 1_000),
    ...[0, 1, 2].map(() => accept(web, 0, soonEnding)),
    ...hit("kill-agent-at-task-end", 300, 1_000),
    ...hit("pause-agent", 700, 500),
    { kind: "killTask", framework: batch, task: 0, which: "live", namesAgent: true, graceMs: 200 },
    { kind: "killTask", framework: web, task: 1, which: "live", namesAgent: false, graceMs: null },
    { kind: "killTask", framework: batch, task: 0, which: "unknown", namesAgent: false, graceMs: null },
    ...hit("term-agent", 400, 1_000),
    decline(batch, 8),
    pass(offerMs),
    ...[0, 1, 2].map(() => accept(web, 0, [task()])),
    pass(offerMs),
    // Long enough that its tasks are unreachable, and are back.
    ...hit("cut-agent", 5_500, calmMs + 1_000),
    ...hit("drop-connections", 100, 1_500),
    ...orders(),
    calm,
  ];
}

/** What the next leader has to know of roles: one may have less than it has, and weighs more. */
function quotas(): readonly Step[] {
  return [
    { kind: "updateWeights", role: "web", weight: 2 },
    { ...quota, call: "updateQuota", guaranteedCpus: 1, limitCpus: 2, force: true, lookAfterMs: offerMs },
  ];
}

function endOfQuotas(): readonly Step[] {
  return [
    { kind: "askRoles", question: "getQuota" },
    { kind: "askRoles", question: "getWeights" },
    pass(offerMs),
    { ...quota, call: "removeQuota" },
  ];
}

const quota = {
  kind: "changeQuota",
  role: "web",
  guaranteedCpus: null,
  limitCpus: null,
  limitMemMb: null,
  force: false,
  lookAfterMs: 0,
} as const;

/**
 * What an operator may order about agents that run tasks: out of service and back, empty and back, gone for good. One of the tasks on the
 * agent that is drained is of the framework that does not acknowledge, so the drain has to wait for that.
 */
function orders(): readonly Step[] {
  const acknowledgeSome = Array.from({ length: 4 }, (): Step => ({ kind: "acknowledge", framework: silent, update: 0, again: false }));
  return [
    ...fill(),
    ...[1, 2].map((agent): Step => ({ kind: "deactivateAgent", agent, which: "current" })),
    { kind: "revive", framework: silent, roles: "all" },
    pass(offerMs),
    accept(silent, 0, [task()]),
    pass(offerMs),
    ...acknowledgeSome,
    pass(offerMs),
    { kind: "drainAgent", agent: 0, which: "current", maxGraceMs: 300, markGone: false, lookAfterMs: 1_500 },
    ...acknowledgeSome,
    pass(offerMs),
    look,
    ...[0, 0, 0].map((agent): Step => ({ kind: "reactivateAgent", agent, which: "withheld" })),
    pass(offerMs),
    { kind: "markAgentGone", agent: 1, which: "current" },
  ];
}

/**
 * What needs no fault, by frameworks that have all offers to themselves and then want no more: one subscribes again and
 * again, runs a task without acknowledging, makes a volume and is refused a change; two launch what they will leave.
 */
function quietDeeds(): readonly Step[] {
  const change = { kind: "changeResources", framework: silent, offer: 0, resource: 0, isNamed: true, twist: "none" } as const;
  return [
    subscribe(silent),
    pass(offerMs),
    { kind: "subscribe", framework: silent, evenIfSubscribed: true },
    pass(offerMs),
    { ...accept(silent, 0, [task()]), twist: "staleStream" },
    { kind: "subscribe", framework: silent, evenIfSubscribed: true },
    pass(offerMs),
    accept(silent, 0, [task()]),
    { ...change, operation: "create", milli: 64_000, launches: false, refuseSeconds: 0 },
    { kind: "updateFramework", framework: silent, roles: "same", suppressed: "none", forbidden: "user" },
    ...wantNoMore(silent),
    ...[leaving, ending].flatMap((framework) => [
      subscribe(framework),
      pass(offerMs),
      accept(framework, 0, [task()]),
      ...wantNoMore(framework),
    ]),
  ];
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
    {
      ...group,
      framework: batch,
      tasks: [task(), task({ ignoresSigterm: true, daemonCount: 1 }), task({ durationMs: 1_000, exitCode: 3 })],
    },
    { ...group, framework: web, tasks: [task(), task({ durationMs: 400 })] },
    pass(500),
    { ...group, framework: batch, executor: 1, tasks: [task(), task()], twist: "tooMuch" },
  ];
}

/** Each way in which an ACCEPT can be wrong, and a KILL that races with its launch. */
function wrongCalls(): readonly Step[] {
  const twists: readonly AcceptTwist[] = [
    "twice",
    "tooMuch",
    "foreignOffer",
    "reusedTaskId",
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
    accept(batch, 0, [task(), task({ ignoresSigterm: true, daemonCount: 1 }), task({ durationMs: 500 })]),
    accept(web, 0, [task({ daemonCount: 1 }), task({ durationMs: 400, exitCode: 3 })]),
  ]);
  return [...round, pass(500), ...round];
}

function shorten(step: Step): Step {
  if (step.kind === "advanceTime") return { ...step, durationMs: Math.min(step.durationMs, drawnAdvanceMaxMs) };
  if (step.kind === "snapshot") return { ...step, freeWithinMs: Math.min(step.freeWithinMs, drawnAdvanceMaxMs) };
  if (step.kind === "fault") return { ...step, durationMs: Math.min(step.durationMs, drawnFaultMaxMs) };
  return step;
}
