/**
 * W7: how much simulated time, and how many sequences of steps, one core takes in a second, with faults on and every
 * checker on. Seconds are those in which this thread had a core. Floor: a bare loop over as many events in virtual time,
 * each of which does nothing.
 */

import { faults } from "../../chaos/faults/catalog.ts";
import { swarmOptions } from "../../harness/options.ts";
import { drawPlan, type RunPlan, type RunResult, runPlan } from "../../harness/run.ts";
import { Simulator } from "../../harness/sim/simulator.ts";
import { SimCluster } from "../../harness/sim-cluster.ts";
import { atLeast, type Measurement, type RunContext, type Workload } from "../measurement.ts";
import { peakRssBytes } from "../process-usage.ts";

/** A campaign does thousands of sequences, and the engine compiles during the first hundreds: those are a figure of their own. */
const usualSizes = { seeds: 150, warmUpSeeds: 150, firstSeed: 1, steps: 200 };
type Sizes = typeof usualSizes;

export const simulation: Workload<Sizes> = {
  name: "simulation",
  summary: "W7: simulated seconds and sequences per second on one core",
  sizes: usualSizes,
  run,
};

const allFaultNames = faults.map(({ name }) => name);

interface Totals {
  simulatedMs: number;
  eventCount: number;
}

async function run({ seeds, warmUpSeeds, firstSeed, steps }: Sizes, context: RunContext): Promise<Measurement> {
  const problems: string[] = [];
  const totals: Totals = { simulatedMs: 0, eventCount: 0 };
  const hashes: (string | undefined)[] = [];
  const startedCold = process.threadCpuUsage();
  for (let seed = firstSeed; seed < firstSeed + warmUpSeeds; seed++) await runSeed(planOf(seed, steps));
  const coldSeconds = coreSeconds(startedCold);
  context.progress(`${seeds} sequences of ${steps} steps follow`);
  const beganAtMs = performance.now();
  const began = process.threadCpuUsage();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { result, eventCount } = await runSeed(planOf(seed, steps));
    totals.simulatedMs += result.simulatedMs;
    totals.eventCount += eventCount;
    hashes.push(result.traceHash);
    if (result.verdict !== "pass") problems.push(`seed ${seed}: ${result.verdict}: ${result.reasons[0] ?? "no reason"}`);
  }
  const seconds = coreSeconds(began);
  const wallSeconds = (performance.now() - beganAtMs) / 1000;
  const again = await runSeed(planOf(firstSeed, steps));
  if (again.result.traceHash !== hashes[0]) problems.push(`seed ${firstSeed}: another trace when run again`);
  const floorSeconds = measureBareLoop(totals.eventCount);
  return {
    figures: [
      {
        name: "simulated time",
        unit: "s/s",
        value: totals.simulatedMs / 1000 / seconds,
        floor: totals.simulatedMs / 1000 / floorSeconds,
        target: atLeast(1_000),
      },
      { name: `sequences of ${steps} steps`, unit: "1/s", value: seeds / seconds, floor: seeds / floorSeconds, target: atLeast(30) },
      ...(warmUpSeeds === 0 ? [] : [{ name: "the same right after the start", unit: "1/s", value: warmUpSeeds / coldSeconds }]),
      { name: "simulated time of a sequence", unit: "s", value: totals.simulatedMs / 1000 / seeds },
      { name: "wall seconds per second of the core", unit: "", value: wallSeconds / seconds },
      { name: "events of a sequence", unit: "", value: totals.eventCount / seeds },
    ],
    peakRssBytes: { bench: peakRssBytes(process.pid) },
    problems,
  };
}

/** What the seed stands for in a campaign, but always 3 masters, 5 agents and 2 frameworks. */
function planOf(seed: number, stepCount: number): RunPlan {
  const { faultNames } = swarmOptions(seed, allFaultNames);
  const [first, second] = [swarmOptions(seed, faultNames), swarmOptions(seed + 1, faultNames)];
  const behaviours = [...first.behaviours.slice(0, 1), ...second.behaviours.slice(0, 1)];
  return drawPlan({ ...first, masterCount: 3, agentCount: 5, behaviours, stepCount });
}

async function runSeed(plan: RunPlan): Promise<{ readonly result: RunResult; readonly eventCount: number }> {
  let cluster: SimCluster | undefined;
  const result = await runPlan(plan, {
    createCluster: (options, { sim }) => {
      cluster = new SimCluster(options, sim);
      return cluster;
    },
    faults,
    print: () => undefined,
  });
  return { result, eventCount: cluster?.world.simulator.eventCount ?? 0 };
}

/** Seconds that it takes to let `eventCount` events happen of which each only makes the next one. */
function measureBareLoop(eventCount: number): number {
  const simulator = new Simulator(1);
  let left = eventCount;
  const next = (): void => {
    if (--left > 0) simulator.after(1, next);
  };
  const began = process.threadCpuUsage();
  simulator.after(0, next);
  simulator.runUntil(eventCount);
  return coreSeconds(began);
}

/** How long this thread had a core since then: what the wall clock would say if nobody shared the machine. */
function coreSeconds(began: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1_000_000;
}
