/** Each message of the agent as the master will read it. */

import assert from "node:assert/strict";
import type { AgentToMaster, Holdings } from "../../../agent/core/master-message.ts";
import { encodeAgentMessages, linkVersion } from "../../../agent/wire/encode.ts";
import { AgentId, ExecutorId, FrameworkId, TaskId, Uuid } from "../../../common/ids.ts";
import {
  AgentInfo,
  AgentInfo_Capability_Type,
  ExecutorInfo,
  FrameworkInfo,
  Resource,
  TaskState,
  TaskStatus_Reason,
  TaskStatus_Source,
  Value_Type,
} from "../../../protos/gen/mesos/v1/mesos.ts";
import { type AgentMessage, AgentMessages } from "../../../protos/gen/tepui/v1/agent_link.ts";

const credential = Uuid("c0".repeat(16));

const cpus = Resource.fromPartial({ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 2 } });
const self = {
  info: AgentInfo.fromPartial({ hostname: "h", port: 5051, resources: [cpus] }),
  version: "0.1.0",
  capabilities: [AgentInfo_Capability_Type.TASK_RESOURCE_LIMITS],
};
const agentId = AgentId("A");
const key = { frameworkId: FrameworkId("F"), taskId: TaskId("T") };
const uuid = Uuid("0123456789abcdef0123456789abcdef");

const holdings: Holdings = { created: [], resourceVersion: uuid, operations: [] };

function through(...messages: AgentToMaster[]): AgentMessage["message"][] {
  return AgentMessages.decode(encodeAgentMessages(messages, self)).messages.map(({ message }) => message);
}

describe("encodeAgentMessages()", () => {
  it("registers with what the agent says of itself, without an id", () => {
    const [message] = through({ kind: "register", credential, holdings });
    assert.ok(message?.$case === "register");
    assert.equal(message.register.linkVersion, linkVersion);
    assert.equal(message.register.version, "0.1.0");
    assert.equal(message.register.info?.hostname, "h");
    assert.equal(message.register.info?.id, undefined);
    assert.equal(message.register.info?.resources[0]?.scalar?.value, 2);
  });

  it("comes back with the id, the frameworks and the tasks", () => {
    const task = {
      ...key,
      executorId: ExecutorId("E"),
      name: "n",
      resources: [cpus],
      state: "TASK_FINISHED" as const,
      limits: { mem: { value: 64 } },
    };
    const [message] = through({
      kind: "reregister",
      credential,
      agentId,
      holdings,
      frameworks: [FrameworkInfo.fromPartial({ id: { value: "F" }, name: "f", user: "u" })],
      executors: [ExecutorInfo.fromPartial({ executorId: { value: "E" }, frameworkId: { value: "F" } })],
      tasks: [
        { ...task, statusUpdateState: "TASK_RUNNING", statusUpdateUuid: uuid, checked: { healthy: false } },
        { ...task, checked: {}, taskId: TaskId("T2"), statusUpdateState: undefined, statusUpdateUuid: undefined },
      ],
    });
    assert.ok(message?.$case === "reregister");
    assert.equal(message.reregister.info?.id?.value, "A");
    assert.equal(message.reregister.frameworks[0]?.id?.value, "F");
    const [first, second] = message.reregister.tasks;
    assert.equal(first?.taskId?.value, "T");
    assert.equal(first?.frameworkId?.value, "F");
    assert.equal(first?.agentId?.value, "A");
    assert.equal(first?.executorId?.value, "E");
    assert.equal(message.reregister.executors[0]?.executorId?.value, "E");
    assert.equal(first?.name, "n");
    assert.equal(first?.state, TaskState.TASK_FINISHED);
    assert.equal(first?.statusUpdateState, TaskState.TASK_RUNNING);
    assert.equal(Buffer.from(first?.statusUpdateUuid ?? []).toString("hex"), uuid);
    assert.equal(first?.resources[0]?.name, "cpus");
    assert.equal(first?.statuses[0]?.healthy, false);
    assert.equal(second?.statusUpdateUuid, undefined);
    assert.deepEqual(second?.statuses, []);
  });

  it("forwards an update with all of its fields", () => {
    const [message] = through({
      kind: "statusUpdate",
      frameworkId: key.frameworkId,
      latestState: "TASK_FINISHED",
      status: {
        taskId: key.taskId,
        agentId,
        state: "TASK_LOST",
        source: "SOURCE_AGENT",
        reason: "REASON_RECONCILIATION",
        message: "why",
        uuid,
        timestampMs: 1_700_000_000_123,
      },
    });
    assert.ok(message?.$case === "update");
    const { status } = message.update;
    assert.equal(message.update.frameworkId?.value, "F");
    assert.equal(message.update.latestState, TaskState.TASK_FINISHED);
    assert.equal(status?.taskId?.value, "T");
    assert.equal(status?.state, TaskState.TASK_LOST);
    assert.equal(status?.source, TaskStatus_Source.SOURCE_AGENT);
    assert.equal(status?.reason, TaskStatus_Reason.REASON_RECONCILIATION);
    assert.equal(status?.message, "why");
    assert.equal(status?.timestamp, 1_700_000_000.123);
    assert.equal(Buffer.from(status?.uuid ?? []).toString("hex"), uuid);
    assert.equal(status?.executorId, undefined);
  });

  it("leaves, and answers pings, in the order in which it was told", () => {
    const [pong, leave] = through({ kind: "pong", number: 9 }, { kind: "unregister", credential, agentId, alive: [key] });
    assert.ok(pong?.$case === "pong" && leave?.$case === "unregister");
    assert.equal(pong.pong.number, 9n);
    assert.equal(leave.unregister.agentId?.value, "A");
    assert.equal(leave.unregister.alive[0]?.taskId?.value, "T");
  });
});
