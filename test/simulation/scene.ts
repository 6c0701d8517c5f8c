/** One framework on a small simulated cluster, played step by step: for tests that look at one thing that happens to a cluster. */

import assert from "node:assert/strict";
import type { HistoryBody, HistoryEvent, StatusJson } from "../../harness/history/event.ts";
import type { MaintenanceTimings } from "../../harness/history/maintenance-json.ts";
import { Recorder } from "../../harness/history/recorder.ts";
import { SimCluster } from "../../harness/sim-cluster.ts";
import { Framework, type FrameworkBehaviour } from "../../harness/workload/framework.ts";

const timings = {
  allocationIntervalMs: 1_000,
  heartbeatIntervalMs: 15_000,
  pingTimeoutMs: 15_000,
  pingTimeoutsMax: 5,
  reregisterTimeoutMs: 60_000,
  updateRetryMinMs: 10_000,
  updateRetryMaxMs: 60_000,
  registrationBackoffMaxMs: 10_000,
  epsilonMs: 0,
};

export const usual: FrameworkBehaviour = { failoverTimeoutMs: 600_000, partitionAware: true, roles: ["batch"], acknowledgesByItself: true };

export interface Scene {
  readonly cluster: SimCluster;
  readonly framework: Framework;
  readonly recorder: Recorder;
  readonly events: readonly HistoryEvent[];
  /** Lets time pass second by second, so that the framework comes back when its stream is gone. */
  readonly pass: (durationMs: number) => Promise<void>;
  readonly statesOf: (taskId: string) => string[];
}

export interface SceneOptions {
  readonly masterCount?: number;
  readonly agentCount?: number;
  readonly seed?: number;
  readonly behaviour?: FrameworkBehaviour;
  readonly maintenance?: MaintenanceTimings;
}

/** A cluster that is up, with one framework that is subscribed and has offers. */
export async function play({ masterCount = 1, agentCount = 2, seed = 1, behaviour = usual, maintenance }: SceneOptions): Promise<Scene> {
  let cluster: SimCluster | undefined;
  const recorder = new Recorder(() => cluster?.nowMs() ?? 0);
  const all = maintenance === undefined ? timings : { ...timings, maintenance };
  cluster = new SimCluster({ seed, masterCount, agentCount, timings: all, recorder });
  await cluster.boot();
  const framework = new Framework("framework-1", behaviour, cluster, recorder);
  framework.subscribe();
  const running = cluster;
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 1_000) {
      await running.advance(1_000);
      framework.tick(running.nowMs());
    }
  };
  const statesOf = (taskId: string): string[] => updatesOf(recorder.events, taskId).map(({ state }) => state);
  await pass(3_000);
  return { cluster, framework, recorder, events: recorder.events, pass, statesOf };
}

/** Every update of a task that a framework received, in order. */
export function updatesOf(events: readonly HistoryEvent[], taskId: string): StatusJson[] {
  return events.flatMap((event) =>
    event.kind === "event" && event.event.kind === "update" && event.event.status.taskId === taskId ? [event.event.status] : [],
  );
}

/** One task on each offer that is known; answers the ids. Without a duration it runs until it is killed. */
export function launchEverywhere({ cluster, framework }: Scene, durationMs: number | undefined, exitCode = 0): string[] {
  return [...framework.offers.values()].map(({ offerId, agentId, role }) => {
    const taskId = framework.newTaskId();
    const resources = [
      { name: "cpus", milli: 500, role },
      { name: "mem", milli: 64_000, role },
    ];
    const command = cluster.taskCommand(
      { durationMs, exitCode, ignoresSigterm: false, daemonCount: 0 },
      { taskId, agentId, frameworkId: "" },
    ).value;
    framework.send({ kind: "accept", offerIds: [offerId], tasks: [{ taskId, agentId, resources, command }], refuseSeconds: 1 });
    return taskId;
  });
}

export const ledgerLines = (events: readonly HistoryEvent[], line: string): string[] =>
  events.flatMap((event) => (event.kind === "ledger" && event.line === line ? [event.taskId] : []));

export const ofKind = <Kind extends HistoryBody["kind"]>(events: readonly HistoryEvent[], kind: Kind) =>
  events.filter((event): event is HistoryEvent & Extract<HistoryBody, { kind: Kind }> => event.kind === kind);

/** The master that leads. */
export function leaderNode({ cluster }: Scene): string {
  const leader = cluster.world.leaderNode();
  assert.ok(leader !== undefined, "somebody leads");
  return leader;
}
