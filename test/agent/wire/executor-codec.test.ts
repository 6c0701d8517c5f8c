/** What executors say, as bytes: what is taken, what is refused with which reason, and that nothing throws. */

import assert from "node:assert/strict";
import fc from "fast-check";

import { decodeExecutorCall, encodeExecutorEvent } from "../../../agent/wire/executor-codec.ts";
import { AgentId, ContainerId, TaskId, Uuid } from "../../../common/ids.ts";
import { Call, Call_Type, Event, Event_Type } from "../../../protos/gen/mesos/v1/executor/executor.ts";
import { AgentInfo, ExecutorInfo, FrameworkInfo, TaskInfo, TaskStatus_Source } from "../../../protos/gen/mesos/v1/mesos.ts";

type CallFields = Parameters<typeof Call.fromPartial>[0];

const ids: CallFields = { executorId: { value: "E" }, frameworkId: { value: "F" } };
const uuid = new Uint8Array(16).fill(1);
const status = { taskId: { value: "T" }, state: 1, source: TaskStatus_Source.SOURCE_EXECUTOR, uuid } as const;
const encode = (fields: CallFields): Uint8Array => Call.encode(Call.fromPartial({ ...ids, ...fields })).finish();

function refusal(fields: CallFields): string {
  const decoded = decodeExecutorCall(encode(fields));
  assert.ok(!decoded.ok, "the call is refused");
  assert.equal(decoded.refusal.code, "INVALID_ARGUMENT");
  return decoded.refusal.message;
}

describe("decodeExecutorCall()", () => {
  it("reads an update with all that is passed on as it came", () => {
    const labels = { labels: [{ key: "a" }] };
    const decoded = decodeExecutorCall(
      encode({
        type: Call_Type.UPDATE,
        update: { status: { ...status, message: "m", healthy: false, data: uuid, labels, timestamp: 1.5 } },
      }),
    );
    assert.ok(decoded.ok && decoded.value.kind === "call" && decoded.value.call.kind === "update");
    const { update } = decoded.value.call;
    assert.deepEqual([update.taskId, update.state, update.message, update.timestampMs], ["T", "TASK_RUNNING", "m", 1_500]);
    assert.equal(update.extra?.healthy, false);
    assert.deepEqual(update.extra?.labels?.labels[0]?.key, "a");
    assert.equal(update.extra?.data?.length, 16);
  });

  it("reads a subscription with what is not acknowledged", () => {
    const task = TaskInfo.fromPartial({ name: "t", taskId: { value: "T2" }, agentId: { value: "A" } });
    const subscribe = { unacknowledgedUpdates: [{ status }], unacknowledgedTasks: [task] };
    const decoded = decodeExecutorCall(encode({ type: Call_Type.SUBSCRIBE, subscribe }));
    assert.ok(decoded.ok && decoded.value.kind === "subscribe");
    const { subscription } = decoded.value;
    assert.deepEqual([subscription.frameworkId, subscription.executorId, subscription.taskIds], ["F", "E", ["T2"]]);
    assert.equal(subscription.updates[0]?.uuid, "01".repeat(16));
  });

  const bad: readonly [name: string, fields: CallFields, message: RegExp][] = [
    ["no type", {}, /^type must be SUBSCRIBE, UPDATE, MESSAGE or HEARTBEAT/],
    ["an empty executor id", { type: Call_Type.HEARTBEAT, executorId: { value: "" } }, /^executor_id must not be empty/],
    ["a framework id with a slash", { type: Call_Type.HEARTBEAT, frameworkId: { value: "a/b" } }, /^framework_id must not contain/],
    ["no subscribe", { type: Call_Type.SUBSCRIBE }, /^subscribe must be set/],
    ["no status", { type: Call_Type.UPDATE }, /^update\.status must be set/],
    ["no message", { type: Call_Type.MESSAGE }, /^message must be set/],
    ["TASK_STAGING", { type: Call_Type.UPDATE, update: { status: { ...status, state: 6 } } }, /state must not be TASK_STAGING/],
    ["another source", { type: Call_Type.UPDATE, update: { status: { ...status, source: 1 } } }, /source must be SOURCE_EXECUTOR/],
    [
      "another executor",
      { type: Call_Type.UPDATE, update: { status: { ...status, executorId: { value: "X" } } } },
      /executor_id must be E, is X/,
    ],
    [
      "a short uuid",
      { type: Call_Type.UPDATE, update: { status: { ...status, uuid: uuid.subarray(1) } } },
      /uuid must have 16 bytes, has 15/,
    ],
    ["no time", { type: Call_Type.UPDATE, update: { status: { ...status, timestamp: Number.NaN } } }, /timestamp must be a number/],
    [
      "a bad update in a subscription",
      { type: Call_Type.SUBSCRIBE, subscribe: { unacknowledgedUpdates: [{ status: { ...status, uuid: undefined } }] } },
      /^subscribe\.unacknowledged_updates\[0\]\.status\.uuid must have 16 bytes, has 0/,
    ],
  ];
  for (const [name, fields, message] of bad) it(`refuses ${name}`, () => assert.match(refusal(fields), message));

  it("answers all bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => typeof decodeExecutorCall(bytes).ok === "boolean"));
  });
});

describe("encodeExecutorEvent()", () => {
  const self = { info: AgentInfo.fromPartial({ hostname: "h", port: 1 }), version: "1", capabilities: [] };
  const through = (event: Parameters<typeof encodeExecutorEvent>[0]): Event => Event.decode(encodeExecutorEvent(event, self));

  it("tells a subscriber who is who", () => {
    const event = through({
      kind: "subscribed",
      executor: ExecutorInfo.fromPartial({ executorId: { value: "E" } }),
      framework: FrameworkInfo.fromPartial({ user: "u", name: "f" }),
      agentId: AgentId("A"),
      containerId: ContainerId("C"),
    });
    assert.equal(event.type, Event_Type.SUBSCRIBED);
    assert.equal(event.subscribed?.agentInfo?.id?.value, "A");
    assert.equal(event.subscribed?.agentInfo?.hostname, "h");
    assert.equal(event.subscribed?.executorInfo?.executorId?.value, "E");
    assert.equal(event.subscribed?.containerId?.value, "C");
  });

  it("names the grace of a kill only where there is one", () => {
    const grace = (graceMs: number | undefined) =>
      through({ kind: "kill", taskId: TaskId("T"), graceMs }).kill?.killPolicy?.gracePeriod?.nanoseconds;
    assert.equal(grace(undefined), undefined);
    assert.equal(grace(250), 250_000_000n);
  });

  it("writes every other event", () => {
    const task = TaskInfo.fromPartial({ name: "t", taskId: { value: "T" }, agentId: { value: "A" } });
    assert.equal(through({ kind: "launch", task }).launch?.task?.taskId?.value, "T");
    const group = through({ kind: "launchGroup", tasks: [task, task] });
    assert.deepEqual([group.type, group.launchGroup?.taskGroup?.tasks.length], [Event_Type.LAUNCH_GROUP, 2]);
    assert.deepEqual([...(through({ kind: "message", data: uuid }).message?.data ?? [])], [...uuid]);
    assert.deepEqual(
      [through({ kind: "shutdown" }).type, through({ kind: "heartbeat" }).type],
      [Event_Type.SHUTDOWN, Event_Type.HEARTBEAT],
    );
    const acknowledged = through({ kind: "acknowledged", taskId: TaskId("T"), uuid: Uuid("01".repeat(16)) });
    assert.deepEqual([...(acknowledged.acknowledged?.uuid ?? [])], [...uuid]);
  });
});
