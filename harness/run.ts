/**
 * One run: options -> boot -> steps and faults (safety) -> everything healed -> must converge (liveness) -> checkers ->
 * verdict. The same code drives a cluster of any kind.
 */

import fc from "fast-check";
import { type CheckResult, type Judgement, judge } from "./checkers/judge.ts";
import type { Cluster, ClusterOptions } from "./cluster.ts";
import { findPending, findPendingProcesses, type ProcessesEvent } from "./convergence.ts";
import type { ClusterTimings, HistoryEvent } from "./history/event.ts";
import { Recorder } from "./history/recorder.ts";
import { type Fault, Nemesis } from "./nemesis.ts";
import { describeOptions, type RunOptions, swarmSuite } from "./options.ts";
import { slowMachineProblem } from "./slow-machine.ts";
import { stepsArbitrary } from "./workload/arbitraries.ts";
import { runStep, type Step } from "./workload/catalog.ts";
import { World } from "./workload/world.ts";

/** A cluster that can also prove that two runs were the same. */
export type RunnableCluster = Cluster & { traceHash?(): string };

export interface RunTools {
  readonly createCluster: (options: ClusterOptions, run: RunOptions) => RunnableCluster | Promise<RunnableCluster>;
  readonly faults: readonly Fault[];
  /** Lines for people: options first, verdict and replay last. */
  readonly print: (line: string) => void;
  /** Sees each event as it is recorded. */
  readonly listen?: (event: HistoryEvent) => void;
}

export interface RunPlan {
  readonly options: RunOptions;
  readonly steps: readonly Step[];
  /** Ids of guarantees. A run of this plan that does not put each of them to the test has not done what it is for, and is no pass. */
  readonly obligations?: readonly string[];
  /** The command line that does this plan again, where the seed alone would not. */
  readonly replay?: string;
}

export type RunVerdict = "pass" | "fail" | "unknown" | "harness-error";

export interface RunResult {
  readonly plan: RunPlan;
  readonly verdict: RunVerdict;
  /** Why it is not a pass, one line each. */
  readonly reasons: readonly string[];
  /** What had not converged when time was up. */
  readonly pending: readonly string[];
  readonly judgement: Judgement | undefined;
  readonly events: readonly HistoryEvent[];
  readonly traceHash: string | undefined;
  readonly simulatedMs: number;
}

/** Process exit codes, by verdict. */
export const exitCodes = { pass: 0, fail: 1, "harness-error": 2, unknown: 3 } as const satisfies Record<RunVerdict, number>;

/** The steps that a seed stands for: every framework subscribes, then what is drawn. */
export function drawPlan(options: RunOptions): RunPlan {
  const { weights, faultNames, stepCount, seed, timings } = options;
  const steps = stepsArbitrary({ weights, faultNames, silenceMs: silenceMs(timings), minCount: stepCount, maxCount: stepCount });
  const [drawn = []] = fc.sample(steps, { seed, numRuns: 1 });
  const first = options.behaviours.map((_, framework): Step => ({ kind: "subscribe", framework, evenIfSubscribed: false }));
  return { options, steps: [...first, ...drawn] };
}

/** After so long without a sign of life an agent is unreachable, and everybody who listens has heard of it. */
function silenceMs({ pingTimeoutMs, pingTimeoutsMax, reregisterTimeoutMs, epsilonMs }: ClusterTimings): number {
  return pingTimeoutMs * (pingTimeoutsMax + 1) + reregisterTimeoutMs + epsilonMs + silenceSlackMs;
}

const silenceSlackMs = 2_000;

/** The line that does the very run again. */
export function replayLine({ options, replay }: RunPlan): string {
  if (replay !== undefined) return replay;
  return options.suite === swarmSuite
    ? `npm run sim -- --seed ${options.seed}`
    : `npm run chaos -- ${options.suite} --tier ${options.tier} --seed ${options.seed}`;
}

/** Does a run to its verdict. Never rejects: a failure of the harness is a verdict, and never a pass. */
export async function runPlan(plan: RunPlan, tools: RunTools): Promise<RunResult> {
  tools.print(`options ${describeOptions(plan.options)}`);
  const result = await attempt(plan, tools);
  for (const reason of result.reasons) tools.print(reason);
  tools.print(`verdict: ${result.verdict}${result.traceHash === undefined ? "" : `, trace ${result.traceHash}`}`);
  tools.print(`replay: ${replayLine(plan)}`);
  return result;
}

async function attempt(plan: RunPlan, tools: RunTools): Promise<RunResult> {
  const { options } = plan;
  let cluster: RunnableCluster | undefined;
  const recorder = new Recorder(() => cluster?.nowMs() ?? 0);
  if (tools.listen !== undefined) recorder.listen(tools.listen);
  const { seed, tier, suite, timings, masterCount, agentCount } = options;
  try {
    recorder.record({ kind: "run", seed, tier, suite, timings });
    cluster = await tools.createCluster({ seed, masterCount, agentCount, timings, recorder }, options);
    const pending = await drive(plan, { cluster, recorder, faults: tools.faults });
    return conclude(plan, { recorder, cluster, pending });
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      plan,
      verdict: "harness-error",
      reasons: [`harness error: ${reason}`],
      pending: [],
      judgement: undefined,
      events: recorder.events,
      traceHash: cluster?.traceHash?.(),
      simulatedMs: cluster?.nowMs() ?? 0,
    };
  } finally {
    await cluster?.[Symbol.asyncDispose]();
  }
}

interface Stage {
  readonly cluster: RunnableCluster;
  readonly recorder: Recorder;
  readonly faults: readonly Fault[];
}

/** Everything between the start of the cluster and the last event; answers what had not converged. */
async function drive(plan: RunPlan, { cluster, recorder, faults }: Stage): Promise<readonly string[]> {
  await cluster.boot();
  const nemesis = new Nemesis(cluster, recorder, faults);
  const { behaviours, readsEvents } = plan.options;
  const world = new World({ cluster, recorder, behaviours, readsEvents, faults: nemesis });
  recorder.record({ kind: "phase", phase: "safety" });
  for (const step of plan.steps) await runStep(world, step);
  recorder.record({ kind: "phase", phase: "heal" });
  await nemesis.endAll();
  recorder.record({ kind: "phase", phase: "liveness" });
  const pending = await converge(world, nemesis, plan.options);
  recorder.record({ kind: "phase", phase: "end" });
  return pending;
}

/** How often the cluster is looked at while it converges, less often the longer it takes; and how often tasks are reconciled meanwhile. */
const lookEveryMinMs = 1_000;
const lookEveryMaxMs = 5_000;
const reconcileEveryMs = 5_000;
/** Steady for so long counts as converged: what is in flight has arrived. */
const steadyMs = 2_000;

/** The longest chain of time-outs that a healed cluster may need, with room for messages. */
function convergenceMaxMs({ timings }: RunOptions): number {
  const { pingTimeoutMs, pingTimeoutsMax, reregisterTimeoutMs, registrationBackoffMaxMs, updateRetryMaxMs } = timings;
  return 2 * (pingTimeoutMs * (pingTimeoutsMax + 1) + reregisterTimeoutMs + registrationBackoffMaxMs + updateRetryMaxMs) + 120_000;
}

async function converge(world: World, nemesis: Nemesis, options: RunOptions): Promise<readonly string[]> {
  const { cluster, recorder } = world;
  const beganAtMs = cluster.nowMs();
  const revived = new Set<string>();
  let reconcileAtMs = beganAtMs;
  let steadySinceMs: number | undefined;
  for (;;) {
    await restartExited(cluster);
    const isReconcileDue = cluster.nowMs() >= reconcileAtMs;
    if (isReconcileDue) reconcileAtMs = cluster.nowMs() + reconcileEveryMs;
    for (const framework of world.frameworks) {
      framework.settleDown();
      if (!framework.isSubscribed) continue;
      if (!revived.has(framework.name)) framework.send({ kind: "revive", roles: [] });
      revived.add(framework.name);
      if (isReconcileDue) framework.reconcileLive();
    }
    world.operator.endMaintenance();
    world.operator.endQuotas();
    world.operator.reactivateAll((await cluster.agents()) ?? []);
    const waitedMs = cluster.nowMs() - (steadySinceMs ?? beganAtMs);
    await world.advance(Math.min(lookEveryMaxMs, Math.max(lookEveryMinMs, Math.round(waitedMs / 4))));
    const pending = await look(world, nemesis);
    const afterMs = cluster.nowMs() - beganAtMs;
    if (pending.length > 0) steadySinceMs = undefined;
    else steadySinceMs ??= cluster.nowMs();
    const isSteady = steadySinceMs !== undefined && cluster.nowMs() - steadySinceMs >= steadyMs;
    if (!isSteady && afterMs < convergenceMaxMs(options)) continue;
    await world.snapshot();
    recorder.record({ kind: "converged", pending, afterMs });
    return pending;
  }
}

/** A node that ended by itself is started again, as any supervisor does. */
async function restartExited(cluster: Cluster): Promise<void> {
  for (const { node, state } of cluster.nodes()) if (state === "exited") await cluster.restart(node);
}

/** Asks each machine for its processes only when nothing else is owed. */
async function look(world: World, nemesis: Nemesis): Promise<string[]> {
  const { cluster, recorder, frameworks } = world;
  const snapshot = await cluster.snapshot();
  const pending = findPending({ nodes: cluster.nodes(), snapshot, frameworks, unhealed: nemesis.unhealed });
  if (snapshot === undefined || pending.length > 0) return pending;
  const firstNew = recorder.events.length;
  await cluster.recordProcesses();
  const processes = recorder.events.slice(firstNew).filter((event): event is HistoryEvent & ProcessesEvent => event.kind === "processes");
  return findPendingProcesses(processes, snapshot);
}

function toReason({ id, title, verdict }: CheckResult): string[] {
  if (verdict.kind === "pass") return [];
  return [
    verdict.kind === "fail" ? `${id} ${title}: ${verdict.message} [${verdict.events.join(" ")}]` : `${id} ${title}: ${verdict.reason}`,
  ];
}

/** What the plan promises to put to the test and did not, one line each. */
function findUntested({ obligations = [] }: RunPlan, { results }: Judgement): string[] {
  return obligations.flatMap((id) => {
    const result = results.find((one) => one.id === id);
    if (result === undefined) return [`${id} is to be put to the test, and no checker has this id`];
    const { kind } = result.verdict;
    const isTested = kind !== "pass" || result.verdict.evaluated > 0;
    return isTested ? [] : [`${id} (${result.title}) was not put to the test, and this run is for it`];
  });
}

function conclude(
  plan: RunPlan,
  { recorder, cluster, pending }: { recorder: Recorder; cluster: RunnableCluster; pending: readonly string[] },
): RunResult {
  const judgement = judge(recorder.events);
  const tooSlow = slowMachineProblem(recorder.events, { judgement });
  const undecided = [...(tooSlow === undefined ? [] : [tooSlow]), ...findUntested(plan, judgement)];
  const reasons = [...judgement.results.flatMap(toReason), ...pending.map((text) => `not converged: ${text}`), ...undecided];
  const judged = judgement.verdict === "pass" && undecided.length > 0 ? "unknown" : judgement.verdict;
  return {
    plan,
    verdict: pending.length > 0 ? "fail" : judged,
    reasons,
    pending,
    judgement,
    events: recorder.events,
    traceHash: cluster.traceHash?.(),
    simulatedMs: cluster.nowMs(),
  };
}
