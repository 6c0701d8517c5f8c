/** Whole situations on a simulated cluster: what a framework is told when agents, tasks and leaders leave, each named after its row. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { launchEverywhere, leaderNode, ofKind, play, type Scene, updatesOf, usual } from "../simulation/scene.ts";

/** A scene with one task that runs until it is killed, or for `durationMs`. */
async function withTask(options: Parameters<typeof play>[0], durationMs?: number, exitCode?: number) {
  const scene = await play({ agentCount: 1, ...options });
  const [taskId = ""] = launchEverywhere(scene, durationMs, exitCode);
  await scene.pass(5_000);
  return { ...scene, taskId };
}

const lastOf = ({ events, taskId }: Scene & { readonly taskId: string }) => updatesOf(events, taskId).at(-1);
const failures = ({ events }: Scene) => ofKind(events, "event").filter(({ event }) => event.kind === "failure");
const agentIds = ({ events }: Scene) => new Set(ofKind(events, "agentRegistered").map(({ agentId }) => agentId));

/** The tasks of the only agent that have a process. */
async function liveTasks(scene: Scene): Promise<string[]> {
  await scene.cluster.recordProcesses();
  return (
    ofKind(scene.events, "processes")
      .at(-1)
      ?.live.map(({ taskId }) => taskId) ?? ["nobody was asked"]
  );
}

for (const partitionAware of [true, false]) {
  const behaviour = { ...usual, partitionAware };
  describe(`a cluster (partition aware: ${partitionAware})`, () => {
    it("A5: an agent that is cut off for long is unreachable, and every framework hears FAILURE after its tasks' updates", async () => {
      const scene = await withTask({ behaviour });
      await scene.cluster.cut("agent-1");
      await scene.pass(200_000);
      const { state, source, reason, uuid, unreachableAtMs } = lastOf(scene) ?? { state: "none" };
      const expected = partitionAware ? "TASK_UNREACHABLE" : "TASK_LOST";
      assert.deepEqual([state, source, reason, uuid], [expected, "SOURCE_MASTER", "REASON_AGENT_REMOVED", undefined]);
      assert.ok(unreachableAtMs !== undefined);
      const kinds = ofKind(scene.events, "event").map(({ event }) => event.kind);
      assert.ok(kinds.indexOf("failure") > kinds.lastIndexOf("update"));
    });

    it("A6, D4: an agent that drains now takes its tasks with it, and they are LOST for every framework", async () => {
      const scene = await withTask({ behaviour });
      await scene.cluster.signal("agent-1", "SIGUSR1");
      await scene.pass(2_000);
      const { state, source, reason, uuid } = lastOf(scene) ?? { state: "none" };
      assert.deepEqual([state, source, reason, uuid], ["TASK_LOST", "SOURCE_MASTER", "REASON_AGENT_REMOVED", undefined]);
      assert.deepEqual([failures(scene).length, await liveTasks(scene)], [1, []]);
    });

    it("A13: an agent that does not return to the next leader costs a FAILURE, and no update of its tasks", async () => {
      const scene = await withTask({ behaviour });
      const updatesBefore = updatesOf(scene.events, scene.taskId).length;
      const leader = leaderNode(scene);
      await scene.cluster.signal("agent-1", "SIGKILL");
      await scene.cluster.signal(leader, "SIGKILL");
      await scene.cluster.restart(leader);
      await scene.pass(120_000);
      assert.equal(failures(scene).length, 1);
      assert.equal(updatesOf(scene.events, scene.taskId).length, updatesBefore);
    });

    it("B12, H11: a launch that is lost on its way is answered when the agent is back", async () => {
      const scene = await play({ agentCount: 1, behaviour });
      await scene.cluster.pause("agent-1");
      const [taskId = ""] = launchEverywhere(scene, undefined);
      await scene.pass(1_000);
      await scene.cluster.signal("agent-1", "SIGKILL");
      await scene.cluster.restart("agent-1");
      await scene.pass(30_000);
      const { state, source, reason, uuid } = lastOf({ ...scene, taskId }) ?? { state: "none" };
      assert.deepEqual([state, source, reason], [partitionAware ? "TASK_DROPPED" : "TASK_LOST", "SOURCE_AGENT", "REASON_RECONCILIATION"]);
      assert.ok(uuid !== undefined, "it is repeated until it is acknowledged");
      assert.deepEqual(await liveTasks(scene), []);
    });

    it("R6, R8: the return of an unreachable agent brings a task back, or kills the one that was announced as lost", async () => {
      const scene = await withTask({ behaviour });
      await scene.cluster.cut("agent-1");
      await scene.pass(200_000);
      await scene.cluster.heal("agent-1");
      await scene.pass(60_000);
      const { state, reason } = updatesOf(scene.events, scene.taskId).find((status) => status.reason === "REASON_AGENT_REREGISTERED") ?? {};
      assert.deepEqual([state, reason], partitionAware ? ["TASK_RUNNING", "REASON_AGENT_REREGISTERED"] : [undefined, undefined]);
      assert.deepEqual(await liveTasks(scene), partitionAware ? [scene.taskId] : []);
      assert.equal(agentIds(scene).size, 1);
    });
  });
}

describe("a cluster with an agent that dies and comes back", () => {
  async function bounce(scene: Scene, meanwhile: () => void = () => undefined): Promise<void> {
    await scene.cluster.signal("agent-1", "SIGKILL");
    await scene.pass(3_000);
    meanwhile();
    await scene.pass(3_000);
    await scene.cluster.restart("agent-1");
    await scene.pass(30_000);
  }

  it("G4, H1: says an update again, the same, that was not acknowledged before", async () => {
    const scene = await withTask({ behaviour: { ...usual, acknowledgesByItself: false } });
    await bounce(scene);
    const uuids = updatesOf(scene.events, scene.taskId).map(({ uuid }) => uuid);
    assert.ok(uuids.length >= 2, `${uuids.length} updates`);
    assert.equal(new Set(uuids).size, 1);
  });

  for (const [exitCode, end] of [
    [0, "TASK_FINISHED"],
    [3, "TASK_FAILED"],
  ] as const) {
    it(`G10, H5: reports the end that a task had meanwhile: ${end}`, async () => {
      const scene = await withTask({}, 6_000, exitCode);
      await bounce(scene);
      assert.deepEqual(scene.statesOf(scene.taskId), ["TASK_RUNNING", end]);
    });
  }

  it("K4, H9: carries out a KILL that was called meanwhile", async () => {
    const scene = await withTask({});
    await bounce(scene, () => scene.framework.send({ kind: "kill", taskId: scene.taskId }));
    assert.equal(scene.statesOf(scene.taskId).at(-1), "TASK_KILLED");
    assert.deepEqual(await liveTasks(scene), []);
  });

  it("R9, H10: ends the tasks of a framework that was torn down meanwhile", async () => {
    const scene = await withTask({});
    await bounce(scene, () => scene.framework.send({ kind: "teardown" }));
    assert.deepEqual(await liveTasks(scene), []);
  });

  it("G13, H15, D6: keeps its id and its tasks over SIGTERM, and neither over SIGUSR1", async () => {
    for (const [signal, idCount] of [
      ["SIGTERM", 1],
      ["SIGUSR1", 2],
    ] as const) {
      const scene = await withTask({});
      await scene.cluster.signal("agent-1", signal);
      await scene.pass(3_000);
      await scene.cluster.restart("agent-1");
      await scene.pass(30_000);
      assert.equal(agentIds(scene).size, idCount, signal);
      assert.deepEqual(await liveTasks(scene), signal === "SIGTERM" ? [scene.taskId] : []);
    }
  });

  it("H18: recovers what is its own when several do so at once", async () => {
    const scene = await play({ agentCount: 3 });
    const taskIds = launchEverywhere(scene, undefined);
    assert.equal(taskIds.length, 3);
    await scene.pass(5_000);
    for (const node of ["agent-1", "agent-2", "agent-3"]) await scene.cluster.signal(node, "SIGKILL");
    for (const node of ["agent-3", "agent-1", "agent-2"]) await scene.cluster.restart(node);
    await scene.pass(30_000);
    assert.equal(agentIds(scene).size, 3);
    assert.deepEqual((await scene.cluster.snapshot())?.tasks.map(({ taskId, state }) => `${taskId} ${state}`).sort(), [
      ...taskIds.map((taskId) => `${taskId} TASK_RUNNING`).sort(),
    ]);
  });
});
