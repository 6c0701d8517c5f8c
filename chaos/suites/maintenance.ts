/**
 * The maintenance suite: an operator takes three of four machines out of service and back, and each framework takes it in its own way:
 * one returns what it has, one declines, one says yes and stays, one says nothing, one is not there. It begins in peace, for as long as
 * checkers take to be sure: an agent crashes and comes back, another is drained with its tasks and again when it is empty, and the first
 * windows are announced. Then the master is killed at each step: with an announcement, with the inverse offers out, at a deadline, while
 * tasks are being taken, with the order to take machines down and with the one to take them up. The window of the first machine begins
 * while no master runs, that of the second while one does, the third goes DOWN long before its window. While their tasks are taken the
 * agent of one of the first two is stopped and that of the other is cut off. Every order that may have been lost is given again. The same
 * on every kind of cluster.
 */

import { createPrng, type Prng } from "../../common/prng.ts";
import type { Tier } from "../../harness/cluster.ts";
import type { ClusterTimings } from "../../harness/history/event.ts";
import type { RunPlan } from "../../harness/run.ts";
import type { Step } from "../../harness/workload/catalog.ts";
import type { DrainAgentStep } from "../../harness/workload/commands/drain-agent.ts";
import type { FrameworkBehaviour } from "../../harness/workload/framework.ts";
import { accept, decline, look, pass, subscribe, task, wantNoMore } from "./steps.ts";
import type { Suite } from "./suite.ts";
import { messageMs, quickTimings } from "./timings.ts";

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

/** How long a master stays dead, and an agent that crashes. */
const deadMs = 400;
const crashMs = 100;

/** Shorter than the grace of tasks that ignore SIGTERM. */
const drainGraceMs = 800;

/** A new master leads and has its agents and frameworks back; on a busy machine that may take longer, and the run goes on all the same. */
const backMs = 4_000;

/**
 * From the announcement to the first and the second deadline: until the first there is calm, and then a master killed twice; until the
 * second, time to be sure that the master which came too late for the first has made up for it.
 */
const firstStartMs = 27_500;
const secondStartMs = firstStartMs + 22_000;

/** How long who answered an inverse offer is not asked again; and some allocations after that, on a busy machine. */
const answerHoldsMs = 5_000;
const askAgainMs = 1_000;

/** Long enough to kill a master while tasks that ignore SIGTERM have it. */
const revocationGraceMs = 2_500;

/** An order and the death of its master are at most so far apart: sometimes the order is lost, sometimes only its answer. */
const raceMaxMs = 40;

/** More than in other suites, so that an agent is back from a crash before checkers think that it may have been away for too long. */
const pingTimeoutsMax = 6;

/** What the suite is for. Each run puts it to the test, or is not a pass. */
const obligations = ["L10", "L11", "L13", "S35", "S36", "S37", "S38", "S39", "S40", "S41", "S42", "S43"];
/** What only a master that enforces windows can break. */
const enforcement = ["S56"];

/** How far clocks differ: in simulation each master has its own, elsewhere it is that of the harness, read in another way. */
const wallSkewMaxMs = 100;

export const maintenance: Suite = {
  name: "maintenance",
  description: "one master, four agents, five frameworks; machines go out of service and back while nodes die, stop and are cut off",
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
      timings: { ...quickTimings(tier), pingTimeoutsMax, maintenance: { mode, revocationGraceMs, wallSkewMaxMs } },
      stepCount: 0,
      weights: {},
      faultNames: ["kill-master", "kill-agent", "pause-agent", "cut-agent"],
      sim: { wallSkewMaxMs },
    },
    steps: scripted(seed, tier),
    obligations: mode === "enforce" ? [...obligations, ...enforcement] : obligations,
  };
}

function scripted(seed: number, tier: Tier): readonly Step[] {
  const prng = createPrng(`maintenance/${seed}`);
  const timings = quickTimings(tier);
  const calm = pass(timings.epsilonMs + offerMs);
  const killRacing = (): readonly Step[] => [pass(prng.nextInt(raceMaxMs)), ...killMaster, pass(backMs), ...lookAtProgress];
  return [
    ...everybody.flatMap((framework) => settle(framework, timings)),
    calm,
    look,
    ...crashAndDrain(timings),
    { kind: "dropStream", framework: away },
    ...announceInPeace(timings),
    ...announceLast,
    ...killRacing(),
    ...announceLast,
    pass(offerMs),
    // The inverse offers are out: those of the next master come again.
    ...killMaster,
    pass(backMs),
    ...lookAtProgress,
    ...moveAway,
    ...deadlines(drawOutages(prng)),
    pass(backMs + revocationGraceMs),
    ...lookAtProgress,
    look,
    ...startTwo,
    ...killRacing(),
    ...startRest,
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

/** One agent crashes and is back soon. Another is drained, taken back, and drained again when nothing is left on it. */
function crashAndDrain({ epsilonMs }: ClusterTimings): readonly Step[] {
  return [
    { kind: "fault", name: "kill-agent", target: "agent-3", durationMs: crashMs },
    { ...drain, maxGraceMs: drainGraceMs },
    pass(drainGraceMs + messageMs + epsilonMs / 2),
    look,
    takeBack,
    pass(offerMs / 2),
    drain,
    pass(offerMs),
    look,
  ];
}

/**
 * Who holds something is asked, and asked again when the filter of the answer is over; meanwhile the empty agent stays drained. Then the
 * windows move a little, and everybody is asked anew.
 */
function announceInPeace({ epsilonMs }: ClusterTimings): readonly Step[] {
  const noticeMs = epsilonMs + messageMs;
  return [...announceFirst, pass(noticeMs), look, takeBack, pass(answerHoldsMs + askAgainMs), ...postpone];
}

/** What keeps the agent of a machine from being heard: its process stops, or the network to it ends. */
interface Outage {
  readonly name: "pause-agent" | "cut-agent";
  /** From the start of the machine's window; negative: before it. */
  readonly laterMs: number;
  readonly durationMs: number;
}

/** Some of its tasks have ended by then, others still have their grace. The second deadline comes when all but the last are over. */
const firstOutages = [
  { laterMs: 1_000, durationMs: 2_500 },
  // Long enough to be called unreachable.
  { laterMs: 1_000, durationMs: 8_300 },
  // What still lived had to go with its agent meanwhile.
  { laterMs: 1_000, durationMs: 12_200 },
  // It hears of nothing before its machine is DOWN.
  { laterMs: -1_000, durationMs: 33_000 },
] as const;

/** Both last until after the grace, when the agent has ends to tell. */
const secondOutages = [
  { laterMs: 300, durationMs: 3_000 },
  { laterMs: 300, durationMs: 5_000 },
] as const;

interface Outages {
  readonly first: Outage;
  readonly second: Outage;
}

function drawOutages(prng: Prng): Outages {
  const [one, other] = prng.chance(0.5) ? (["pause-agent", "cut-agent"] as const) : (["cut-agent", "pause-agent"] as const);
  return { first: { name: one, ...prng.pick(firstOutages) }, second: { name: other, ...prng.pick(secondOutages) } };
}

/** The first deadline passes without a master; after the second one the master dies among the tasks that are being killed. */
function deadlines({ first, second }: Outages): readonly Step[] {
  const hit = (machine: number, { name, laterMs, durationMs }: Outage): readonly Step[] => [
    until(machine, laterMs),
    { kind: "fault", name, target: `agent-${machine + 1}`, durationMs },
  ];
  const noMaster = [until(0, -deadMs / 2), ...killMaster];
  return [
    ...(first.laterMs < 0 ? [...hit(0, first), ...noMaster] : [...noMaster, ...hit(0, first)]),
    until(1, -offerMs),
    look,
    ...hit(1, second),
    ...lookAtProgress,
    until(1, revocationGraceMs / 4),
    ...killMaster,
  ];
}

function until(machine: number, laterMs: number): Step {
  return { kind: "advanceTime", durationMs: secondStartMs, until: { machine, laterMs } };
}

const killMaster: readonly Step[] = [{ kind: "fault", name: "kill-master", target: "master-1", durationMs: deadMs }, pass(deadMs)];

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

/** The agent of the machine that stays. */
const drain: DrainAgentStep = { kind: "drainAgent", agent: 3, which: "ofNode", maxGraceMs: null, markGone: false, lookAfterMs: 0 };
const takeBack: Step = { kind: "reactivateAgent", agent: 0, which: "withheld" };

const firstWindows = [
  { machines: [0], naming: "hostname", startsInMs: firstStartMs, durationMs: null },
  { machines: [1], naming: "hostname", startsInMs: secondStartMs, durationMs: 60_000 },
] as const;
const lastWindow = { machines: [2], naming: "hostname", startsInMs: 600_000, durationMs: null } as const;

const add = { kind: "updateSchedule", change: "add", laterMs: 0, isChecked: true, mistake: null } as const;
const announceFirst: readonly Step[] = [{ ...add, windows: firstWindows }, pass(offerMs / 2)];
const postpone: readonly Step[] = [{ ...add, change: "move", laterMs: 500, windows: [] }, pass(offerMs / 2)];
/** Given again it changes nothing if it was obeyed the first time: machines that have a window keep it. */
const announceLast: readonly Step[] = [{ ...add, windows: [lastWindow] }, pass(offerMs / 2)];

/** Who returned its tasks runs them elsewhere, and is offered the machine first that stays. */
const moveAway: readonly Step[] = [
  { kind: "revive", framework: returning, roles: "all" },
  pass(offerMs),
  accept(returning, 0, [task(), task()]),
  ...wantNoMore(returning),
  pass(offerMs),
];

const startTwo: readonly Step[] = [{ kind: "startMaintenance", which: "scheduled", machines: [0, 1] }];
/** One after the other: the two may be DOWN already, and the last one surely goes by an order that is answered. */
const startRest = [0, 1, 2].flatMap((): Step[] => [{ kind: "startMaintenance", which: "scheduled", machines: [0] }, pass(offerMs / 2)]);
/** Skipped when none is left to stop. */
const stopAll: readonly Step[] = [{ kind: "stopMaintenance", which: "down", machines: [0, 1, 2] }];
