import assert from "node:assert/strict";
import { launchEverywhere, leaderNode, ledgerLines, ofKind, play, usual } from "./scene.ts";

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

  it("says of its agents alone what it says of them in its whole state", async () => {
    const scene = await play({});
    launchEverywhere(scene, undefined);
    await scene.pass(5_000);
    const agents = await scene.cluster.agents();
    assert.ok(agents?.some(({ allocated }) => allocated.length > 0));
    assert.deepEqual(agents, (await scene.cluster.snapshot())?.agents);
    await scene.cluster.signal(leaderNode(scene), "SIGKILL");
    assert.equal(await scene.cluster.agents(), undefined);
  });

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
