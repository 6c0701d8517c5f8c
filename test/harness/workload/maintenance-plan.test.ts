import assert from "node:assert/strict";
import { MaintenancePlan } from "../../../harness/workload/maintenance-plan.ts";

const unavailability = { startAtMs: 5_000 };
const [a, b] = [{ hostname: "agent-1" }, { hostname: "agent-2" }];

function planned(): MaintenancePlan {
  const plan = new MaintenancePlan();
  plan.obeyed({ kind: "updateSchedule", windows: [{ machines: [a, b], unavailability }] });
  return plan;
}

describe("MaintenancePlan", () => {
  it("names the machines of agents as far as their addresses are known", () => {
    const plan = new MaintenancePlan();
    plan.heard({ seq: 0, atMs: 0, kind: "nodeStarted", node: "agent-1", incarnation: 1, ip: "10.0.0.1" });
    plan.heard({ seq: 1, atMs: 0, kind: "nodeStarted", node: "agent-2", incarnation: 1 });
    plan.heard({ seq: 2, atMs: 0, kind: "nodeStarted", node: "master-1", incarnation: 1 });
    assert.deepEqual(plan.nodes, ["agent-1", "agent-2"]);
    assert.deepEqual(plan.machineOf("agent-1", "both"), { hostname: "agent-1", ip: "10.0.0.1" });
    assert.deepEqual(plan.machineOf("agent-1", "ip"), { ip: "10.0.0.1" });
    assert.deepEqual(plan.machineOf("agent-2", "ip"), { hostname: "agent-2" });
  });

  it("follows machines down and up", () => {
    const plan = planned();
    assert.deepEqual([plan.machines("scheduled"), plan.machines("down")], [[a, b], []]);
    plan.obeyed({ kind: "startMaintenance", machines: [a] });
    assert.deepEqual([plan.machines("scheduled"), plan.machines("down")], [[b], [a]]);
    plan.obeyed({ kind: "stopMaintenance", machines: [a] });
    assert.deepEqual([plan.machines("scheduled"), plan.machines("down")], [[b], []]);
  });

  it("keeps machines down through a schedule that has them", () => {
    const plan = planned();
    plan.obeyed({ kind: "startMaintenance", machines: [a] });
    plan.obeyed({ kind: "updateSchedule", windows: [{ machines: [a], unavailability: { startAtMs: 0 } }] });
    assert.deepEqual(plan.down, [{ machines: [a], unavailability: { startAtMs: 0 } }]);
  });

  it("knows the window of a node", () => {
    assert.deepEqual([planned().windowOf("agent-2"), planned().windowOf("agent-3")], [unavailability, undefined]);
  });

  it("believes what the leader says of each machine", () => {
    const plan = planned();
    plan.answered({ kind: "progress", machines: [{ machine: b, isDown: true, unavailability, phase: "down", agents: [] }] });
    assert.deepEqual([plan.machines("scheduled"), plan.machines("down")], [[], [b]]);
  });
});
