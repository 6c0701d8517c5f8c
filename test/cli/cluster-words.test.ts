import assert from "node:assert/strict";
import { agentStanding, countsText, frameworkStanding, resourcesText, taskStateCell, taskStateText } from "../../cli/cluster-words.ts";
import { Response_GetAgents_Agent, Response_GetFrameworks_Framework } from "../../protos/gen/mesos/v1/master/master.ts";
import { DrainState, Resource, TaskState, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";

describe("words of the tool", () => {
  it("says each state of a task as people do, and marks what went wrong", () => {
    assert.equal(taskStateText(TaskState.TASK_GONE_BY_OPERATOR), "gone by operator");
    assert.deepEqual(taskStateCell(TaskState.TASK_RUNNING), { text: "running", style: "green" });
    assert.deepEqual(taskStateCell(TaskState.TASK_LOST), { text: "lost", style: "red" });
    assert.deepEqual(taskStateCell(TaskState.TASK_STAGING), { text: "staging", style: "yellow" });
    assert.equal(taskStateCell(TaskState.TASK_FINISHED), "finished");
  });

  it("says how an agent stands: a drain before a deactivation before a lost connection", () => {
    const standing = (fields: Parameters<typeof Response_GetAgents_Agent.fromPartial>[0]): string =>
      agentStanding(Response_GetAgents_Agent.fromPartial(fields));
    assert.equal(standing({ active: true }), "active");
    assert.equal(standing({ active: false }), "disconnected");
    assert.equal(standing({ deactivated: true }), "deactivated");
    assert.equal(standing({ deactivated: true, drainInfo: { state: DrainState.DRAINING } }), "draining");
    assert.equal(standing({ deactivated: true, drainInfo: { state: DrainState.DRAINED } }), "drained");
  });

  it("says how a framework stands", () => {
    const standing = (fields: Parameters<typeof Response_GetFrameworks_Framework.fromPartial>[0]): unknown =>
      frameworkStanding(Response_GetFrameworks_Framework.fromPartial(fields));
    assert.deepEqual(standing({ active: true, connected: true }), { text: "connected", style: "green" });
    assert.deepEqual(standing({ active: false, connected: true }), { text: "inactive", style: "yellow" });
    assert.deepEqual(standing({}), { text: "disconnected", style: "red" });
    assert.equal(standing({ unregisteredTime: { nanoseconds: 1n } }), "completed");
  });

  it("adds up what has the same name", () => {
    const resources = [
      { name: "cpus", type: Value_Type.SCALAR, scalar: { value: 0.1 } },
      { name: "cpus", type: Value_Type.SCALAR, scalar: { value: 0.2 }, reservations: [{ role: "a" }] },
      {
        name: "ports",
        type: Value_Type.RANGES,
        ranges: {
          range: [
            { begin: 1n, end: 5n },
            { begin: 7n, end: 7n },
          ],
        },
      },
      { name: "zones", type: Value_Type.SET, set: { item: ["a", "b"] } },
    ];
    assert.equal(resourcesText(resources.map((one) => Resource.fromPartial(one))), "cpus 0.3, ports 1-5 7, zones a b");
  });

  it("counts, the most frequent first", () => {
    assert.equal(countsText(["lost", "running", "running"]), "2 running, 1 lost");
    assert.equal(countsText(["b", "a"]), "1 a, 1 b");
    assert.equal(countsText([]), "none");
  });
});
