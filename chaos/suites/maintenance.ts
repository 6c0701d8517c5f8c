/**
 * The maintenance suite: an operator takes three of four machines out of service and back, and each framework takes it in its own way:
 * one returns what it has, one declines, one says yes and stays, one says nothing, one is not there. The window of the first machine
 * begins while no master runs, that of the second while one does, the third goes DOWN long before its window. The master is killed at
 * each step: with the announcement, with the inverse offers out, at a deadline, while tasks are being taken, with the order to take
 * machines down and with the one to take them up. Every order that may have been lost is given again. The same on every kind of cluster.
 */

import { createPrng } from "../../common/prng.ts";
import type { Tier } from "../../harness/cluster.ts";
import type { ClusterTimings } from "../../harness/history/event.ts";
import type { RunPlan } from "../../harness/run.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import type { FrameworkBehaviour } from "../../harness/workload/framework.ts";
import { accept, decline, look, pass, subscribe, task, wantNoMore } from "./steps.ts";
import type { Suite } from "./suite.ts";
import { quickTimings } from "./timings.ts";

/** The last one stays in service, so that what is returned has a place to go. */
const agentCount = 4;

const common = { failoverTimeoutMs: 60_000, acknowledgesByItself: true };

const behaviours: readonly FrameworkBehaviour[] = [
  { ...common, partitionAware: false, roles: ["batch"], inverseOffers: "return" },
  { ...common, partitionAware: true, roles: ["web"], inverseOffers: "decline" },
  { ...common, partitionAware: false, roles: ["web"], inverseOffers: "accept" },
  { ...common, partitionAware: true, roles: ["ops"] },
  { ...common, partitionAware: true, roles: ["batch"], inverseOffers: "return" },
];

/** Their positions. */
const [returning, declining, staying, silent, away] = [0, 1, 2, 3, 4] as const;
const everybody = [returning, declining, staying, silent, away];

/** Some allocations, and the way of an offer to its framework. */
const offerMs = 600;

/** How long a master stays dead. */
const deadMs = 400;

/** A new master leads and has its agents and frameworks back; on a busy machine that may take longer, and the run goes on all the same. */
const backMs = 4_000;

/** From the announcement to the first and the second deadline. */
const firstStartMs = 13_000;
const secondStartMs = 19_000;

/** Long enough to kill a master while tasks that ignore SIGTERM have it. */
const revocationGraceMs = 2_500;

/** An order and the death of its master are at most so far apart: sometimes the order is lost, sometimes only its answer. */
const raceMaxMs = 40;

/** How far clocks differ: in simulation each master has its own, elsewhere it is that of the harness, read in another way. */
const wallSkewMaxMs = 100;

export const maintenance: Suite = {
  name: "maintenance",
  description: "one master, four agents, five frameworks; machines go out of service and back, and the master dies at each step",
  plan,
};

/** Every fourth seed leaves everything to the operator, as Mesos does. */
function plan(seed: number, tier: Tier): RunPlan {
  const mode = seed % 4 === 3 ? "operator" : "enforce";
  return {
    options: {
      seed,
      tier,
      suite: maintenance.name,
      masterCount: 1,
      agentCount,
      behaviours,
      timings: { ...quickTimings(tier), maintenance: { mode, revocationGraceMs, wallSkewMaxMs } },
      stepCount: 0,
      weights: {},
      faultNames: ["kill-master"],
      sim: { wallSkewMaxMs },
    },
    steps: scripted(seed, tier),
  };
}

function scripted(seed: number, tier: Tier): readonly Step[] {
  const prng = createPrng(`maintenance/${seed}`);
  const timings = quickTimings(tier);
  const calm = pass(timings.epsilonMs + offerMs);
  const killRacing = (): readonly Step[] => [pass(prng.nextInt(raceMaxMs)), ...killMaster, pass(backMs), ...lookAtProgress];
  const asking = [
    ...announce,
    ...killRacing(),
    ...announce,
    pass(offerMs),
    // The inverse offers are out: those of the next master come again.
    ...killMaster,
    pass(backMs),
    ...lookAtProgress,
    ...moveAway,
  ];
  return [
    ...everybody.flatMap((framework) => settle(framework, timings)),
    { kind: "dropStream", framework: away },
    calm,
    look,
    ...asking,
    // The first deadline passes without a master.
    pass(firstStartMs - deadMs / 2 - durationOf(asking)),
    ...killMaster,
    pass(secondStartMs - firstStartMs - deadMs / 2),
    ...lookAtProgress,
    // The second one has passed just now, and its tasks are being killed.
    pass(revocationGraceMs / 4),
    ...killMaster,
    pass(backMs + revocationGraceMs),
    ...lookAtProgress,
    look,
    ...startAll,
    ...killRacing(),
    ...startAll,
    pass(offerMs),
    look,
    ...stopAll,
    ...killRacing(),
    ...stopAll,
    calm,
    ...lookAtProgress,
    subscribe(away),
    ...everybody.map((framework): Step => ({ kind: "revive", framework, roles: "all" })),
    pass(offerMs),
    ...everybody.map((framework) => accept(framework, 0, [task()])),
    calm,
    look,
  ];
}

function durationOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + (step.kind === "advanceTime" ? step.durationMs : 0), 0);
}

const killMaster: readonly Step[] = [{ kind: "fault", name: "kill-master", target: 0, durationMs: deadMs }, pass(deadMs)];

/** The operator looks how far it is, so that the next order is about what is left to do. */
const lookAtProgress: readonly Step[] = [{ kind: "askMaintenance", question: "getMaintenanceProgress" }, pass(offerMs / 2)];

/** The framework takes a part of each agent and then wants no more, so that the next one finds all agents, too. */
function settle(framework: number, { epsilonMs }: ClusterTimings): readonly Step[] {
  const own = [task(), task({ ignoresSigterm: true, daemonCount: 1 })];
  return [
    subscribe(framework),
    // What comes later than this on a busy machine is not taken.
    pass(offerMs + epsilonMs / 4),
    ...Array.from({ length: agentCount }, () => accept(framework, 0, own)),
    { kind: "suppress", framework, roles: "all" },
    // What was on its way to it has arrived, and is not kept from the others.
    pass((offerMs + epsilonMs / 4) / 2),
    decline(framework, 1),
  ];
}

const windows = [
  { machines: [0], naming: "hostname", startsInMs: firstStartMs, durationMs: null },
  { machines: [1], naming: "hostname", startsInMs: secondStartMs, durationMs: 60_000 },
  { machines: [2], naming: "hostname", startsInMs: 600_000, durationMs: null },
] as const;

/** Given again it changes nothing if it was obeyed the first time: machines that have a window keep it. */
const announce: readonly Step[] = [
  { kind: "updateSchedule", change: "add", windows, laterMs: 0, isChecked: true, mistake: null },
  pass(offerMs / 2),
];

/** Who returned its tasks runs them elsewhere, and is offered the machine first that stays. */
const moveAway: readonly Step[] = [
  { kind: "revive", framework: returning, roles: "all" },
  pass(offerMs),
  accept(returning, 0, [task(), task()]),
  ...wantNoMore(returning),
  pass(offerMs),
];

/** Skipped when none is left to start, or to stop. */
const startAll: readonly Step[] = [{ kind: "startMaintenance", which: "scheduled", machines: [0, 1, 2] }];
const stopAll: readonly Step[] = [{ kind: "stopMaintenance", which: "down", machines: [0, 1, 2] }];
