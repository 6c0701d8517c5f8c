/** Records survive the disk unchanged; damaged and newer ones are refused with a reason. */

import assert from "node:assert/strict";
import type { CheckpointRecord } from "../../../agent/core/checkpoint-record.ts";
import type { AgentConfiguration } from "../../../agent/core/configuration.ts";
import { checkpointFormatVersion, decodeCheckpointRecord, encodeCheckpointRecord } from "../../../agent/wire/checkpoint-codec.ts";
import { toTaskToRun } from "../../../agent/wire/task-to-run.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId, OperationId, TaskId, Uuid } from "../../../common/ids.ts";
import type { OperationStatus } from "../../../common/operation-status.ts";
import type { Resource } from "../../../common/resource.ts";
import { toResources } from "../../../common/resources.ts";
import type { TaskStatus } from "../../../common/task-status.ts";
import { CheckStatusInfo, FrameworkInfo, TaskInfo, TaskState } from "../../../protos/gen/mesos/v1/mesos.ts";
import { CheckpointRecord as RecordMessage } from "../../../protos/gen/tepui/v1/checkpoint.ts";

const frameworkId = FrameworkId("F");
const taskId = TaskId("T");
// Decoded once, so that absent fields look as they do after a decoding.
const framework = FrameworkInfo.decode(
  FrameworkInfo.encode(FrameworkInfo.fromPartial({ id: { value: "F" }, name: "f", user: "u" })).finish(),
);
const info = TaskInfo.decode(
  TaskInfo.encode(
    TaskInfo.fromPartial({ name: "t", taskId: { value: "T" }, agentId: { value: "A" }, command: { value: "true" } }),
  ).finish(),
);
const update: TaskStatus = {
  taskId,
  agentId: AgentId("A"),
  executorId: ExecutorId("T"),
  containerId: ContainerId("outer.inner"),
  state: "TASK_FAILED",
  source: "SOURCE_AGENT",
  reason: "REASON_EXECUTOR_TERMINATED",
  message: "command exited with status 1",
  uuid: Uuid("0123456789abcdef0123456789abcdef"),
  timestampMs: 1_700_000_000_123,
};
const bare: TaskStatus = {
  ...update,
  agentId: undefined,
  executorId: undefined,
  containerId: undefined,
  reason: undefined,
  message: undefined,
};

const volume: Resource = {
  name: "disk",
  value: { kind: "scalar", milli: 5_000 },
  reservations: [
    { type: "STATIC", role: "a" },
    { type: "DYNAMIC", role: "a/b", principal: "p", labels: [{ key: "k", value: "v" }] },
  ],
  disk: { persistence: { id: "v", principal: "p" }, volume: { containerPath: "data", mode: "RW" } },
};
const operationStatus: OperationStatus = {
  operationId: OperationId("op"),
  state: "OPERATION_FINISHED",
  message: undefined,
  converted: toResources([volume]),
  uuid: Uuid("0123456789abcdef0123456789abcdef"),
  agentId: AgentId("A"),
};

function taskRecord(graceMs: number | undefined, isOverdue = false): CheckpointRecord {
  const task = toTaskToRun(framework, info);
  assert.ok(task.ok);
  return {
    kind: "task",
    task: task.value,
    containerId: ContainerId("c"),
    kill: graceMs === undefined ? undefined : { graceMs, isOverdue },
    latestState: "TASK_FAILED",
    updates: [bare, update],
    settledUuids: [Uuid("fedcba9876543210fedcba9876543210")],
    groupId: graceMs === undefined ? undefined : Uuid("00112233445566778899aabbccddeeff"),
    startedWallMs: graceMs === undefined ? undefined : 1_700_000_000_123,
    checked:
      graceMs === undefined ? {} : { healthy: false, checkStatus: CheckStatusInfo.fromPartial({ type: 1, command: { exitCode: 3 } }) },
  };
}

const given: AgentConfiguration = {
  hostname: "h",
  port: 6051,
  domain: { region: "north", zone: "a" },
  attributes: [
    { name: "rack", value: { kind: "text", text: "r1" } },
    { name: "slots", value: { kind: "ranges", ranges: [{ begin: 1, end: 4 }] } },
  ],
  resources: toResources([{ name: "cpus", value: { kind: "scalar", milli: 1_500 }, reservations: [] }]),
};

describe("a checkpoint record", () => {
  const records: [string, CheckpointRecord][] = [
    ["agent", { kind: "agent", agentId: AgentId("A"), credential: Uuid("c0".repeat(16)), given, bootId: "boot-1" }],
    [
      "agent of a version without credentials",
      { kind: "agent", agentId: AgentId("A"), credential: undefined, given: undefined, bootId: undefined },
    ],
    ["departed", { kind: "departed", agentId: AgentId("A"), credential: Uuid("c0".repeat(16)) }],
    ["resources", { kind: "resources", created: toResources([volume]) }],
    ["resources", { kind: "resources", created: [] }],
    ["operation/00", { kind: "operation", uuid: Uuid("0".repeat(32)), frameworkId, operation: undefined, status: operationStatus }],
    [
      "operation/01",
      {
        kind: "operation",
        uuid: Uuid("1".repeat(32)),
        frameworkId: undefined,
        operation: { kind: "create", volumes: toResources([volume]) },
        status: operationStatus,
      },
    ],
    ["framework/F", { kind: "framework", frameworkId, framework }],
    ["task/F/T", taskRecord(undefined)],
    ["task/F/T", taskRecord(0)],
    ["task/F/T", taskRecord(1_500)],
    ["task/F/T", taskRecord(0, true)],
    ["task/F/T", { kind: "answer", frameworkId, taskId, updates: [update] }],
  ];
  for (const [key, record] of records) {
    const detail = record.kind === "task" ? `, with the kill ${JSON.stringify(record.kill ?? "none")}` : "";
    it(`of kind ${record.kind} comes back as it was written${detail}`, () => {
      const decoded = decodeCheckpointRecord(key, encodeCheckpointRecord(record));
      assert.ok(decoded.ok);
      assert.deepEqual(decoded.value, record);
    });
  }

  function refusal(bytes: Uint8Array): string {
    const decoded = decodeCheckpointRecord("task/F/T", bytes);
    assert.ok(!decoded.ok);
    return decoded.refusal.message;
  }

  it("of a newer format is refused with both versions", () => {
    const bytes = RecordMessage.encode({ formatVersion: checkpointFormatVersion + 1, record: undefined }).finish();
    assert.equal(refusal(bytes), "checkpoint record task/F/T must have format version 1, has 2");
  });

  it("that is damaged is refused with the reason", () => {
    const encode = (record: RecordMessage["record"]) => RecordMessage.encode({ formatVersion: checkpointFormatVersion, record }).finish();
    const task = { framework, task: info, containerId: "c", latestState: TaskState.TASK_RUNNING, updates: [], settledUuids: [] };
    assert.match(refusal(new Uint8Array([0xff])), /is damaged/);
    assert.match(refusal(encode(undefined)), /of no known kind/);
    assert.match(refusal(encode({ $case: "agent", agent: {} })), /agent_id is missing/);
    assert.match(refusal(encode({ $case: "framework", framework: {} })), /framework\.id is missing/);
    assert.match(refusal(encode({ $case: "task", task: { updates: [], settledUuids: [] } })), /framework or task is missing/);
    assert.match(refusal(encode({ $case: "task", task: { ...task, updates: [], containerId: "" } })), /container_id is missing/);
    assert.match(refusal(encode({ $case: "answer", answer: { updates: [] } })), /framework_id or task_id is missing/);
    const update = { taskId: { value: "T" }, state: 1 } as const;
    assert.match(refusal(encode({ $case: "task", task: { ...task, updates: [update] } })), /updates\[0\] is not a reliable update/);
  });
});
