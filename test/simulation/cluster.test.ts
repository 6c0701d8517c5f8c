import assert from "node:assert/strict";
import type { HistoryBody, HistoryEvent } from "../../harness/history/event.ts";
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

const usual: FrameworkBehaviour = { failoverTimeoutMs: 600_000, partitionAware: true, roles: ["batch"], acknowledgesByItself: true };

interface Scene {
  readonly cluster: SimCluster;
  readonly framework: Framework;
  readonly events: readonly HistoryEvent[];
  /** Lets time pass second by second, so that the framework comes back when its stream is gone. */
  readonly pass: (durationMs: number) => Promise<void>;
  readonly statesOf: (taskId: string) => string[];
}

async function play({ masterCount = 1, agentCount = 2, seed = 1, behaviour = usual }): Promise<Scene> {
  let cluster: SimCluster | undefined;
  const recorder = new Recorder(() => cluster?.nowMs() ?? 0);
  cluster = new SimCluster({ seed, masterCount, agentCount, timings, recorder });
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
  const statesOf = (taskId: string): string[] => updatesOf(recorder.events, taskId);
  await pass(3_000);
  return { cluster, framework, events: recorder.events, pass, statesOf };
}

function updatesOf(events: readonly HistoryEvent[], taskId: string): string[] {
  return events.flatMap((event) =>
    event.kind === "event" && event.event.kind === "update" && event.event.status.taskId === taskId ? [event.event.status.state] : [],
  );
}

/** One task on each offer that is known; answers the ids. */
function launchEverywhere({ cluster, framework }: Scene, durationMs: number | undefined): string[] {
  return [...framework.offers.values()].map(({ offerId, agentId, role }) => {
    const taskId = framework.newTaskId();
    const resources = [
      { name: "cpus", milli: 500, role },
      { name: "mem", milli: 64_000, role },
    ];
    const command = cluster.taskCommand({ durationMs, exitCode: 0, ignoresSigterm: false, daemonCount: 0 }).value;
    framework.send({ kind: "accept", offerIds: [offerId], tasks: [{ taskId, agentId, resources, command }], refuseSeconds: 1 });
    return taskId;
  });
}

const ledgerLines = (events: readonly HistoryEvent[], line: string): string[] =>
  events.flatMap((event) => (event.kind === "ledger" && event.line === line ? [event.taskId] : []));

const ofKind = <Kind extends HistoryBody["kind"]>(events: readonly HistoryEvent[], kind: Kind) =>
  events.filter((event): event is HistoryEvent & Extract<HistoryBody, { kind: Kind }> => event.kind === kind);

describe("a simulated cluster", () => {
  it("runs a framework's tasks to their end, each once", async () => {
    const scene = await play({});
    const taskIds = launchEverywhere(scene, 60_000);
    assert.equal(taskIds.length, 2);
    await scene.pass(70_000);
    for (const taskId of taskIds) assert.deepEqual(scene.statesOf(taskId), ["TASK_RUNNING", "TASK_FINISHED"]);
    assert.deepEqual(ledgerLines(scene.events, "start").sort(), [...taskIds].sort());
    assert.deepEqual(ledgerLines(scene.events, "end").sort(), [...taskIds].sort());
  });

  for (const masterCount of [1, 3]) {
    it(`loses no task when the leader of ${masterCount} is killed`, async () => {
      const scene = await play({ masterCount, seed: 4 });
      const taskIds = launchEverywhere(scene, undefined);
      await scene.pass(5_000);
      const leader = leaderNode(scene);
      await scene.cluster.signal(leader, "SIGKILL");
      await scene.pass(2_000);
      await scene.cluster.restart(leader);
      await scene.pass(90_000);
      assert.ok(scene.framework.isSubscribed, "the framework came back");
      const snapshot = await scene.cluster.snapshot();
      assert.deepEqual(
        snapshot?.tasks.map(({ taskId, state }) => `${taskId} ${state}`).sort(),
        taskIds.map((id) => `${id} TASK_RUNNING`).sort(),
      );
      for (const taskId of taskIds) assert.ok(scene.statesOf(taskId).every((state) => state === "TASK_RUNNING"));
      assert.deepEqual(ledgerLines(scene.events, "start").sort(), [...taskIds].sort(), "nothing was started twice");
    });
  }

  it("keeps tasks over the crash of an agent, which comes back with its id", async () => {
    const scene = await play({ agentCount: 1 });
    const [taskId = ""] = launchEverywhere(scene, 20_000);
    await scene.pass(5_000);
    await scene.cluster.signal("agent-1", "SIGKILL");
    await scene.pass(2_000);
    await scene.cluster.restart("agent-1");
    await scene.pass(60_000);
    assert.deepEqual(new Set(scene.statesOf(taskId)), new Set(["TASK_RUNNING", "TASK_FINISHED"]));
    assert.equal(new Set(ofKind(scene.events, "agentRegistered").map(({ agentId }) => agentId)).size, 1);
  });

  it("announces every task of a drained agent as lost, with no process left", async () => {
    const scene = await play({ agentCount: 1, behaviour: { ...usual, partitionAware: false } });
    const [taskId = ""] = launchEverywhere(scene, undefined);
    await scene.pass(5_000);
    await scene.cluster.signal("agent-1", "SIGUSR1");
    await scene.pass(1_000);
    assert.equal(scene.statesOf(taskId).at(-1), "TASK_LOST");
    assert.deepEqual(scene.cluster.nodes().find(({ node }) => node === "agent-1")?.state, "exited");
    await scene.cluster.recordProcesses();
    assert.deepEqual(ofKind(scene.events, "processes").at(-1)?.live, []);
  });

  // Seeds 3141 and 9908: the agent ended with code 0 before anybody was told, and came back under its old id without its tasks.
  it("ends a drained agent by its drain although SIGTERM comes first", async () => {
    const scene = await play({ agentCount: 1 });
    const [taskId = ""] = launchEverywhere(scene, undefined);
    await scene.pass(5_000);
    await scene.cluster.signal("agent-1", "SIGUSR1");
    await scene.cluster.signal("agent-1", "SIGTERM");
    await scene.pass(1_000);
    assert.equal(scene.statesOf(taskId).at(-1), "TASK_LOST");
    assert.deepEqual(
      ofKind(scene.events, "nodeExited").map(({ code }) => code),
      [0],
    );
    await scene.cluster.restart("agent-1");
    await scene.pass(30_000);
    assert.equal(new Set(ofKind(scene.events, "agentRegistered").map(({ agentId }) => agentId)).size, 2);
  });

  it("gives the leadership of a paused leader to another, and the old one cannot write any more", async () => {
    const scene = await play({ masterCount: 3, seed: 9 });
    const before = await scene.cluster.snapshot();
    const leader = leaderNode(scene);
    await scene.cluster.pause(leader);
    await scene.pass(30_000);
    const after = await scene.cluster.snapshot();
    assert.ok(before !== undefined && after !== undefined);
    assert.notEqual(after.masterId, before.masterId);
    assert.ok(after.term > before.term, `term ${before.term} -> ${after.term}`);
    await scene.cluster.resume(leader);
    await scene.pass(30_000);
    assert.equal((await scene.cluster.snapshot())?.masterId, after.masterId);
    const restarted = scene.cluster.nodes().find(({ node }) => node === leader);
    assert.deepEqual([restarted?.state, restarted?.incarnation], ["running", 2], "the deposed leader starts over as a standby");
    assert.deepEqual(ofKind(scene.events, "fatal"), []);
  });

  it("marks an agent unreachable that is cut off for long, and takes it back when it is healed", async () => {
    const scene = await play({ agentCount: 1 });
    const [taskId = ""] = launchEverywhere(scene, undefined);
    await scene.pass(5_000);
    await scene.cluster.cut("agent-1");
    await scene.pass(200_000);
    assert.equal(scene.statesOf(taskId).at(-1), "TASK_UNREACHABLE");
    assert.ok(scene.cluster.cutEvidence("agent-1") !== undefined);
    await scene.cluster.heal("agent-1");
    await scene.pass(60_000);
    assert.equal(scene.statesOf(taskId).at(-1), "TASK_RUNNING");
  });
});

function leaderNode({ cluster }: Scene): string {
  const leader = cluster.world.leaderNode();
  assert.ok(leader !== undefined, "somebody leads");
  return leader;
}
