/**
 * What a seed stands for: how large the cluster is, how its frameworks behave, which steps and faults are drawn and how
 * often. Each seed leaves some kinds out (a swarm), because what is rare beside everything else is common without it.
 */

import { createPrng, type Prng } from "../common/prng.ts";
import type { Tier } from "./cluster.ts";
import type { ClusterTimings } from "./history/event.ts";
import type { MaintenanceTimings } from "./history/maintenance-json.ts";
import { type SimOptions, simDefaults } from "./sim/sim-options.ts";
import { type StepWeights, usualWeights } from "./workload/arbitraries.ts";
import {
  commandOfFrameworkOrder,
  commandOfMaintenance,
  commandOfOrder,
  commandOfResourceOrder,
  commandOfRoleOrder,
  type StepKind,
} from "./workload/catalog.ts";
import type { FrameworkBehaviour } from "./workload/framework.ts";

export interface RunOptions {
  readonly seed: number;
  readonly tier: Tier;
  readonly suite: string;
  readonly masterCount: number;
  readonly agentCount: number;
  readonly behaviours: readonly FrameworkBehaviour[];
  readonly timings: ClusterTimings;
  readonly stepCount: number;
  readonly weights: StepWeights;
  readonly faultNames: readonly string[];
  /** Whether somebody reads the operators' event stream; absent for nobody. */
  readonly readsEvents?: boolean;
  /** Simulated clusters only. */
  readonly sim: Partial<SimOptions>;
}

/** The name of runs that a seed decides wholly. */
export const swarmSuite = "swarm";

/** Without these a sequence has nothing to act on. */
const neededKinds: ReadonlySet<StepKind> = new Set<StepKind>(["subscribe", "acceptOffer", "advanceTime"]);

/** Options of a simulated run; the same seed and fault names always give the same. */
export function swarmOptions(seed: number, faultNames: readonly string[], suite = swarmSuite): RunOptions {
  const prng = createPrng(`options/${seed}`);
  // Of its own, so that the rest of what a seed stands for stays what it was.
  const own = createPrng(`checkpoint/${seed}`);
  const habits = createPrng(`habits/${seed}`);
  const drains = createPrng(`drains/${seed}`).chance(0.5);
  // What every agent can be told at any time is in more runs than the rest.
  const faults = faultNames.filter((name) => prng.chance(0.5) || (name === "drain-now" && drains));
  return {
    seed,
    tier: "sim",
    suite,
    masterCount: prng.pick([1, 1, 3]),
    agentCount: 1 + prng.nextInt(5),
    behaviours: Array.from({ length: 1 + prng.nextInt(3) }, () => ({ ...drawBehaviour(prng), ...drawKept(own), ...drawHabit(habits) })),
    timings: { ...drawTimings(prng), maintenance: drawMaintenance(seed) },
    stepCount: 20 + prng.nextInt(181),
    weights: {
      ...drawWeights(prng),
      ...drawOrderWeights(seed),
      ...drawMaintenanceWeights(seed),
      ...drawRoleWeights(seed),
      ...drawInterventionWeights(seed),
    },
    faultNames: faults,
    readsEvents: createPrng(`reader/${seed}`).chance(1 / 2),
    sim: {
      latencyMaxMs: prng.pick([0, 3, 30, 200]),
      writeLatencyMaxMs: prng.pick([2, 8, 100]),
      containerLatencyMaxMs: prng.pick([2, 15, 300]),
      keepAliveMaxMs: prng.pick([5_000, 40_000]),
      callTimeoutMs: prng.pick([5_000, 30_000]),
      startDelayMaxMs: prng.pick([20, 100, 3_000]),
    },
  };
}

/** One line for people; everything that the seed decided. */
export function describeOptions(options: RunOptions): string {
  return JSON.stringify(options);
}

function drawBehaviour(prng: Prng): FrameworkBehaviour {
  return {
    failoverTimeoutMs: prng.pick([0, 10_000, 60_000, 3_600_000]),
    partitionAware: prng.chance(0.5),
    roles: prng.pick([["batch"], ["web"], ["batch", "web"], ["web/ads"]]),
    acknowledgesByItself: prng.chance(0.7),
  };
}

/** One framework in four keeps nothing on agents. */
function drawKept(prng: Prng): Pick<FrameworkBehaviour, "checkpoint"> {
  return prng.chance(0.25) ? { checkpoint: false } : {};
}

/** What a framework does with inverse offers by itself; most do nothing. */
function drawHabit(prng: Prng): Pick<FrameworkBehaviour, "inverseOffers"> {
  const habit = prng.pick([undefined, undefined, undefined, undefined, "return", "accept", "decline"] as const);
  return habit === undefined ? {} : { inverseOffers: habit };
}

/** Three times out of four the start of a window takes what was not returned. */
function drawMaintenance(seed: number): MaintenanceTimings {
  const prng = createPrng(`maintenance/${seed}`);
  return {
    mode: prng.pick(["enforce", "enforce", "enforce", "operator"] as const),
    revocationGraceMs: prng.pick([500, 5_000, 60_000]),
    wallSkewMaxMs: simDefaults.wallSkewMaxMs,
  };
}

function drawTimings(prng: Prng): ClusterTimings {
  return {
    allocationIntervalMs: prng.pick([200, 1_000]),
    heartbeatIntervalMs: 15_000,
    pingTimeoutMs: prng.pick([1_000, 1_000, 1_000, 5_000, 15_000]),
    pingTimeoutsMax: prng.pick([3, 5]),
    reregisterTimeoutMs: prng.pick([10_000, 20_000, 60_000]),
    updateRetryMinMs: prng.pick([1_000, 10_000]),
    updateRetryMaxMs: 60_000,
    registrationBackoffMaxMs: prng.pick([2_000, 2_000, 10_000]),
    epsilonMs: 0,
  };
}

const orderKinds: ReadonlySet<StepKind> = new Set<StepKind>(Object.values(commandOfOrder));

/** Two runs in three have an operator; also of its own. */
function drawOrderWeights(seed: number): StepWeights {
  const prng = createPrng(`orders/${seed}`);
  const isThere = prng.chance(2 / 3);
  const weights: Partial<Record<StepKind, number>> = {};
  for (const kind of orderKinds) weights[kind] = isThere ? usualWeights[kind] * prng.pick([0, 1, 1, 1, 2]) : 0;
  return weights;
}

const maintenanceKinds: ReadonlySet<StepKind> = new Set<StepKind>([...Object.values(commandOfMaintenance), "answerInverseOffers"]);

/** Three runs in five have maintenance; also of its own. */
function drawMaintenanceWeights(seed: number): StepWeights {
  const prng = createPrng(`windows/${seed}`);
  const isThere = prng.chance(3 / 5);
  const weights: Partial<Record<StepKind, number>> = {};
  for (const kind of maintenanceKinds) weights[kind] = isThere ? usualWeights[kind] * prng.pick([0, 1, 1, 2]) : 0;
  // The others have nothing to act on without a schedule.
  if (isThere) weights.updateSchedule = usualWeights.updateSchedule * prng.pick([1, 2]);
  return weights;
}

const roleKinds: ReadonlySet<StepKind> = new Set<StepKind>(Object.values(commandOfRoleOrder));

/** Two runs in five have quotas, which keep resources from frameworks; also of its own. */
function drawRoleWeights(seed: number): StepWeights {
  const prng = createPrng(`roles/${seed}`);
  const isThere = prng.chance(2 / 5);
  const weights: Partial<Record<StepKind, number>> = {};
  for (const kind of roleKinds) weights[kind] = isThere ? usualWeights[kind] * prng.pick([1, 1, 2]) : 0;
  return weights;
}

const interventionKinds: ReadonlySet<StepKind> = new Set<StepKind>([
  ...Object.values(commandOfFrameworkOrder),
  ...Object.values(commandOfResourceOrder),
]);

/** In half of the runs an operator reaches into what frameworks have; also of its own. */
function drawInterventionWeights(seed: number): StepWeights {
  const prng = createPrng(`interventions/${seed}`);
  const isThere = prng.chance(1 / 2);
  const weights: Partial<Record<StepKind, number>> = {};
  for (const kind of interventionKinds) weights[kind] = isThere ? usualWeights[kind] * prng.pick([0, 1, 1, 2]) : 0;
  return weights;
}

function drawWeights(prng: Prng): StepWeights {
  const weights: Partial<Record<StepKind, number>> = {};
  for (const [kind, weight] of Object.entries(usualWeights) as [StepKind, number][]) {
    if (orderKinds.has(kind) || roleKinds.has(kind) || interventionKinds.has(kind)) continue;
    if (maintenanceKinds.has(kind) && kind !== "answerInverseOffers") continue;
    // Much can be judged in calm only: in more runs than one in five nothing breaks.
    const factor = prng.pick(kind === "fault" ? [0, 0, 1, 2, 3] : [0, 1, 1, 1, 3]);
    weights[kind] = neededKinds.has(kind) ? weight * Math.max(1, factor) : weight * factor;
  }
  return weights;
}
