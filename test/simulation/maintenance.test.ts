/** Maintenance in the simulated cluster: what an operator orders over the network, and what becomes of agents and frameworks. */

import assert from "node:assert/strict";
import type { MachineJson, MaintenanceAnswerJson, MaintenanceOrderJson } from "../../harness/history/maintenance-json.ts";
import { decodeAnswer } from "../../harness/workload/maintenance-codec.ts";
import { encodeOrder } from "../../harness/workload/operator-codec.ts";
import { launchEverywhere, ofKind, play, type Scene } from "./scene.ts";

/** Gives an order, lets two seconds pass, and answers its outcome or what was answered. */
async function give({ cluster, pass }: Scene, order: MaintenanceOrderJson): Promise<string | MaintenanceAnswerJson> {
  const { rpc, bytes } = encodeOrder(order, cluster.startedWallMs);
  let told: string | MaintenanceAnswerJson = "nothing";
  cluster.operator.order(rpc, bytes, (outcome) => {
    if (outcome.kind === "ok") told = decodeAnswer(order.kind, outcome.answer, cluster.startedWallMs) ?? "ok";
    else told = outcome.kind === "fail" ? outcome.code : "info";
  });
  await pass(2_000);
  return told;
}

function schedule(scene: Scene, machine: MachineJson, startsInMs: number): Promise<string | MaintenanceAnswerJson> {
  const unavailability = { startAtMs: scene.cluster.nowMs() + startsInMs };
  return give(scene, { kind: "updateSchedule", windows: [{ machines: [machine], unavailability }] });
}

/** The hostnames of the agents of which a framework has heard inverse offers. */
async function askedHosts({ cluster, events }: Scene): Promise<string[]> {
  const hosts = new Map((await cluster.snapshot())?.agents.map(({ agentId, hostname }) => [agentId, hostname]));
  const heard = ofKind(events, "event").flatMap(({ event }) => (event.kind === "inverseOffers" ? event.inverseOffers : []));
  return [...new Set(heard.map(({ agentId }) => hosts.get(agentId) ?? agentId))].sort();
}

async function hosts(scene: Scene): Promise<string[]> {
  return ((await scene.cluster.snapshot())?.agents ?? []).map(({ hostname }) => hostname).sort();
}

describe("maintenance in simulation", () => {
  it("asks for what is on a machine that is named by its address, and every offer of it says when", async () => {
    const scene = await play({ agentCount: 3 });
    assert.equal(await schedule(scene, { ip: "fd00::2" }, 600_000), "ok");
    assert.deepEqual(await askedHosts(scene), ["agent-2"]);
    const [window] = ofKind(scene.events, "event").flatMap(({ event }) => (event.kind === "inverseOffers" ? event.inverseOffers : []));
    const offers = ofKind(scene.events, "event").flatMap(({ event }) => (event.kind === "offers" ? event.offers : []));
    const latest = offers.findLast(({ agentId }) => agentId === window?.agentId);
    assert.deepEqual(latest?.unavailability, window?.unavailability);
    assert.ok(offers.some(({ unavailability }) => unavailability === undefined));
  });

  it("has two agents on one machine, which an address names both", async () => {
    const scene = await play({ agentCount: 5 });
    await schedule(scene, { ip: "10.0.0.4" }, 600_000);
    assert.deepEqual(await askedHosts(scene), ["agent-4", "agent-5"]);
  });

  it("ends the agent of a machine that is taken down, refuses it, and takes it back when the machine is up", async () => {
    const scene = await play({ agentCount: 2 });
    const machine = { hostname: "agent-1", ip: "10.0.0.1" };
    assert.equal(await give(scene, { kind: "startMaintenance", machines: [machine] }), "NOT_FOUND");
    await schedule(scene, machine, 600_000);
    assert.equal(await give(scene, { kind: "startMaintenance", machines: [machine] }), "ok");
    await scene.pass(10_000);
    assert.deepEqual(await hosts(scene), ["agent-2"]);
    await scene.cluster.restart("agent-1");
    await scene.pass(10_000);
    assert.deepEqual(
      ofKind(scene.events, "nodeExited").map(({ node, code }) => [node, code]),
      [
        ["agent-1", 3],
        ["agent-1", 3],
      ],
    );
    assert.deepEqual(await give(scene, { kind: "getMaintenanceStatus" }), { kind: "status", draining: [], down: [machine] });
    assert.equal(await give(scene, { kind: "stopMaintenance", machines: [machine] }), "ok");
    await scene.cluster.restart("agent-1");
    await scene.pass(30_000);
    assert.deepEqual(await hosts(scene), ["agent-1", "agent-2"]);
  });

  for (const mode of ["enforce", "operator"] as const) {
    const does = mode === "enforce" ? "takes" : "leaves";
    it(`${does} what was not returned when a window begins with --maintenance=${mode}`, async () => {
      const maintenance = { mode, revocationGraceMs: 1_000, wallSkewMaxMs: 2_000 };
      const scene = await play({ agentCount: 1, maintenance });
      const [taskId = ""] = launchEverywhere(scene, undefined);
      await scene.pass(3_000);
      await schedule(scene, { hostname: "agent-1" }, 5_000);
      await scene.pass(20_000);
      assert.equal(scene.statesOf(taskId).at(-1), mode === "enforce" ? "TASK_KILLED" : "TASK_RUNNING");
      const progress = await give(scene, { kind: "getMaintenanceProgress" });
      assert.ok(typeof progress !== "string" && progress.kind === "progress");
      assert.deepEqual(
        progress.machines.map(({ phase }) => phase),
        [mode === "enforce" ? "empty" : "begun"],
      );
    });
  }
});
