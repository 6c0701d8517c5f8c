/** Orders of an operator in the simulated cluster: through bytes, over its network, with the outcome of a real call. */

import assert from "node:assert/strict";
import type { OrderOutcome } from "../../harness/cluster.ts";
import type { OrderJson } from "../../harness/history/event.ts";
import { encodeOrder } from "../../harness/workload/operator-codec.ts";
import { launchEverywhere, leaderNode, ofKind, play, type Scene } from "./scene.ts";

/** Outcomes come in here. */
function give({ cluster }: Scene, order: OrderJson): OrderOutcome[] {
  const { rpc, bytes } = encodeOrder(order, cluster.startedWallMs);
  const outcomes: OrderOutcome[] = [];
  cluster.operator.order(rpc, bytes, (outcome) => outcomes.push(outcome));
  return outcomes;
}

async function agentOf(scene: Scene): Promise<{ agentId: string; deactivated?: boolean; phase?: string }> {
  const [agent] = (await scene.cluster.snapshot())?.agents ?? [];
  assert.ok(agent !== undefined, "the leader has an agent");
  const { agentId, deactivated = false, drain } = agent;
  return { agentId, deactivated, ...(drain === undefined ? {} : { phase: drain.phase }) };
}

describe("an operator in simulation", () => {
  it("drains an agent, which ends its tasks and is drained when their ends are acknowledged, and takes it back", async () => {
    const scene = await play({ agentCount: 1 });
    const [taskId = ""] = launchEverywhere(scene, undefined);
    await scene.pass(3_000);
    const { agentId } = await agentOf(scene);
    const outcomes = give(scene, { kind: "drainAgent", agentId, maxGraceMs: 1_000, markGone: false });
    assert.deepEqual(outcomes, [], "the outcome comes later");
    await scene.pass(10_000);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["ok"],
    );
    assert.equal(scene.statesOf(taskId).at(-1), "TASK_KILLED");
    assert.deepEqual(await agentOf(scene), { agentId, deactivated: true, phase: "drained" });
    const back = give(scene, { kind: "reactivateAgent", agentId });
    await scene.pass(3_000);
    assert.deepEqual(
      back.map(({ kind }) => kind),
      ["ok"],
    );
    assert.deepEqual(await agentOf(scene), { agentId, deactivated: false });
  });

  it("is refused what the leader does not take, with the leader's words", async () => {
    const scene = await play({ agentCount: 1 });
    const unknown = give(scene, { kind: "deactivateAgent", agentId: "nobody" });
    const empty = give(scene, { kind: "markAgentGone", agentId: "" });
    await scene.pass(1_000);
    assert.deepEqual(
      [...unknown, ...empty].map((outcome) => (outcome.kind === "fail" ? outcome.code : outcome.kind)),
      ["NOT_FOUND", "INVALID_ARGUMENT"],
    );
  });

  it("ends an agent that it marks gone, which is another one when its node is started again", async () => {
    const scene = await play({ agentCount: 1 });
    const { agentId } = await agentOf(scene);
    give(scene, { kind: "markAgentGone", agentId });
    await scene.pass(5_000);
    const [exit] = ofKind(scene.events, "nodeExited");
    assert.deepEqual([exit?.node, exit?.code, exit?.expected], ["agent-1", 3, false]);
    await scene.cluster.restart("agent-1");
    await scene.pass(30_000);
    assert.notEqual((await agentOf(scene)).agentId, agentId);
  });

  it("reserves what an agent has free, kills a task, and ends its framework", async () => {
    const scene = await play({ agentCount: 2 });
    const [killed = "", left = ""] = launchEverywhere(scene, undefined);
    await scene.pass(3_000);
    const { agentId } = await agentOf(scene);
    const [{ frameworkId } = { frameworkId: "" }] = (await scene.cluster.snapshot())?.frameworks ?? [];
    const resources = [{ name: "cpus", milli: 500, reservations: [{ role: "web", dynamic: true }] }];
    const reserved = give(scene, { kind: "changeResources", agentId, operation: { kind: "reserve", resources } });
    const kill = give(scene, { kind: "killTask", frameworkId, taskId: killed, graceMs: 0 });
    await scene.pass(3_000);
    const [agent] = (await scene.cluster.snapshot())?.agents ?? [];
    assert.equal(agent?.total.find(({ reservations }) => reservations?.[0]?.role === "web")?.milli, 500);
    assert.equal(scene.statesOf(killed).at(-1), "TASK_KILLED");
    assert.equal(scene.statesOf(left).at(-1), "TASK_RUNNING");
    const teardown = give(scene, { kind: "teardown", frameworkId });
    await scene.pass(10_000);
    const after = await scene.cluster.snapshot();
    assert.deepEqual([after?.tasks, after?.frameworks], [[], []]);
    assert.deepEqual(
      [...reserved, ...kill, ...teardown].map(({ kind }) => kind),
      ["ok", "ok", "ok"],
    );
  });

  it("does not know what became of an order that the network kept, or whose master died", async () => {
    const scene = await play({ agentCount: 1, masterCount: 1 });
    const { agentId } = await agentOf(scene);
    const dying = give(scene, { kind: "deactivateAgent", agentId });
    await scene.cluster.signal(leaderNode(scene), "SIGKILL");
    await scene.pass(60_000);
    await scene.cluster.restart("master-1");
    await scene.pass(60_000);
    await scene.cluster.cut("master-1");
    const cut = give(scene, { kind: "deactivateAgent", agentId });
    await scene.pass(60_000);
    assert.deepEqual(
      [...dying, ...cut].map(({ kind }) => kind),
      ["info", "info"],
    );
  });
});
