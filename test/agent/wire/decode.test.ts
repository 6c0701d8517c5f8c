/** Each message of the master, and what bad ones are refused with. */

import assert from "node:assert/strict";
import { decodeMasterMessages } from "../../../agent/wire/decode.ts";
import { ExecutorInfo, ExecutorInfo_Type, FrameworkInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { type MasterMessage, MasterMessages, type RunTaskGroup } from "../../../protos/gen/tepui/v1/agent_link.ts";

const id = (value: string) => ({ value });
const framework = FrameworkInfo.fromPartial({ id: id("F"), name: "f", user: "u" });
const info = TaskInfo.fromPartial({ name: "t", taskId: id("T"), agentId: id("A"), command: { value: "true" } });
const key = { frameworkId: id("F"), taskId: id("T") };
const executor = ExecutorInfo.fromPartial({ executorId: id("E"), type: ExecutorInfo_Type.DEFAULT });

const group = "messages[0].run_task_group";

function runGroup(fields: Partial<RunTaskGroup>): MasterMessage["message"] {
  return { $case: "runTaskGroup", runTaskGroup: { framework, executor, tasks: [info], ...fields } };
}

function decode(...messages: MasterMessage["message"][]): ReturnType<typeof decodeMasterMessages> {
  return decodeMasterMessages(MasterMessages.encode({ messages: messages.map((message) => ({ message })) }).finish());
}

describe("decodeMasterMessages()", () => {
  it("reads a flush of messages in order", () => {
    const decoded = decode(
      { $case: "registered", registered: { agentId: id("A"), pingTimeoutMs: 75_000n } },
      {
        $case: "reregistered",
        reregistered: { agentId: id("A"), pingTimeoutMs: 1n, reconcile: [key, { ...key, partitionAware: true }], reconcileOperations: [] },
      },
      { $case: "refuse", refuse: { reason: "gone" } },
      { $case: "unregistered", unregistered: { agentId: id("A") } },
      { $case: "killTask", killTask: { ...key, killPolicy: { gracePeriod: { nanoseconds: 1_500_000n } } } },
      { $case: "killTask", killTask: key },
      { $case: "acknowledge", acknowledge: { ...key, uuid: new Uint8Array(16).fill(0xab) } },
      { $case: "shutdownFramework", shutdownFramework: { frameworkId: id("F") } },
      { $case: "updateFramework", updateFramework: { framework } },
      { $case: "ping", ping: { number: 3n, connected: true } },
    );
    assert.ok(decoded.ok);
    const task = { frameworkId: "F", taskId: "T", partitionAware: undefined };
    assert.deepEqual(
      decoded.value.map((message) => (message.kind === "updateFramework" ? { ...message, framework: message.framework.name } : message)),
      [
        { kind: "registered", agentId: "A", pingTimeoutMs: 75_000 },
        {
          kind: "reregistered",
          agentId: "A",
          pingTimeoutMs: 1,
          reconcile: [task, { ...task, partitionAware: true }],
          reconcileOperations: [],
        },
        { kind: "refuse", reason: "gone" },
        { kind: "unregistered", agentId: "A" },
        { kind: "killTask", ...task, graceMs: 2 },
        { kind: "killTask", ...task, graceMs: undefined },
        { kind: "acknowledge", frameworkId: "F", taskId: "T", uuid: "ab".repeat(16) },
        { kind: "shutdownFramework", frameworkId: "F" },
        { kind: "updateFramework", frameworkId: "F", framework: "f", sameScheduler: false },
        { kind: "ping", number: 3, connected: true },
      ],
    );
  });

  it("reads a group with its executor and the commands of its tasks", () => {
    const tasks = ["T1", "T2"].map((value) => ({ ...info, taskId: { value } }));
    const decoded = decode(runGroup({ tasks, launchExecutor: true }));
    assert.ok(decoded.ok);
    const [message] = decoded.value;
    assert.ok(message?.kind === "runTaskGroup");
    const { frameworkId, executorId, launchesExecutor, problem, executor: toRun, tasks: members } = message.group;
    assert.deepEqual([frameworkId, executorId, launchesExecutor, problem], ["F", "E", true, undefined]);
    assert.equal(toRun?.command, undefined);
    assert.deepEqual(
      members.map(({ taskId, command, executor: own }) => [taskId, command?.value, own?.executorId]),
      [
        ["T1", "true", "E"],
        ["T2", "true", "E"],
      ],
    );
  });

  it("reads a group as one that cannot be run when one of its tasks cannot", () => {
    const tasks = [info, { ...info, taskId: { value: "T2" }, command: undefined }];
    const decoded = decode(runGroup({ tasks }));
    assert.ok(decoded.ok && decoded.value[0]?.kind === "runTaskGroup");
    assert.equal(decoded.value[0].group.problem, "task.command must be set");
  });

  it("reads a task with its command", () => {
    const decoded = decode({ $case: "runTask", runTask: { framework, task: info } });
    assert.ok(decoded.ok);
    const [message] = decoded.value;
    assert.ok(message?.kind === "runTask");
    assert.deepEqual(message.task.command, {
      shell: true,
      value: "true",
      arguments: [],
      environment: [],
      uris: [],
      user: undefined,
    });
    assert.equal(message.task.problem, undefined);
  });

  const refused: { name: string; message: MasterMessage["message"]; reason: string }[] = [
    { name: "no message", message: undefined, reason: "messages[0].message must be one that this agent knows" },
    {
      name: "an empty agent id",
      message: { $case: "registered", registered: { agentId: id(""), pingTimeoutMs: 1n } },
      reason: "messages[0].registered.agent_id must not be empty",
    },
    {
      name: "no ping timeout",
      message: { $case: "reregistered", reregistered: { agentId: id("A"), reconcile: [], reconcileOperations: [] } },
      reason: "messages[0].reregistered.ping_timeout_ms must be at least 1, is 0",
    },
    {
      name: "a ping whose number cannot be sent back",
      message: { $case: "ping", ping: { number: 2n ** 64n - 1n, connected: true } },
      reason: "messages[0].ping.number must be at most 9007199254740991, is 18446744073709551615",
    },
    {
      name: "a task id with a slash",
      message: {
        $case: "reregistered",
        reregistered: { agentId: id("A"), pingTimeoutMs: 1n, reconcile: [{ ...key, taskId: id("a/b") }], reconcileOperations: [] },
      },
      reason: 'messages[0].reregistered.reconcile[0].task_id must not contain "/"',
    },
    {
      name: "a task id of 10,000 characters",
      message: { $case: "killTask", killTask: { ...key, taskId: id("x".repeat(10_000)) } },
      reason: "messages[0].kill_task.task_id must have at most 255 characters, has 10000",
    },
    {
      name: "a short uuid",
      message: { $case: "acknowledge", acknowledge: { ...key, uuid: new Uint8Array(3) } },
      reason: "messages[0].acknowledge.uuid must have 16 bytes, has 3",
    },
    {
      name: "a task without its framework",
      message: { $case: "runTask", runTask: { task: info } },
      reason: "messages[0].run_task.framework must be set",
    },
    {
      name: "an order without a task",
      message: { $case: "runTask", runTask: { framework } },
      reason: "messages[0].run_task.task must be set",
    },
    {
      name: "a task without an id",
      message: { $case: "runTask", runTask: { framework, task: { ...info, taskId: undefined } } },
      reason: "messages[0].run_task.task.task_id must be set",
    },
    { name: "a group without its framework", message: runGroup({ framework: undefined }), reason: `${group}.framework must be set` },
    { name: "a group without its executor", message: runGroup({ executor: undefined }), reason: `${group}.executor must be set` },
    {
      name: "a group whose executor has no id",
      message: runGroup({ executor: ExecutorInfo.fromPartial({}) }),
      reason: `${group}.executor.executor_id must be set`,
    },
    { name: "a group without tasks", message: runGroup({ tasks: [] }), reason: `${group}.tasks must not be empty` },
    { name: "an id twice in a group", message: runGroup({ tasks: [info, info] }), reason: `${group}.tasks[1] has the id of another one` },
    {
      name: "a group with a task without an id",
      message: runGroup({ tasks: [{ ...info, taskId: undefined }] }),
      reason: `${group}.tasks[0].task_id must be set`,
    },
    {
      name: "a framework without an id",
      message: { $case: "updateFramework", updateFramework: { framework: { ...framework, id: undefined } } },
      reason: "messages[0].update_framework.framework.id must not be empty",
    },
    {
      name: "no framework",
      message: { $case: "updateFramework", updateFramework: {} },
      reason: "messages[0].update_framework.framework must be set",
    },
  ];
  for (const { name, message, reason } of refused) {
    it(`refuses ${name} with the field, the rule and the value`, () => {
      const decoded = decode(message);
      assert.ok(!decoded.ok);
      assert.deepEqual(decoded.refusal, { code: "INVALID_ARGUMENT", message: reason });
    });
  }

  it("refuses bytes that are no message", () => {
    const decoded = decodeMasterMessages(new Uint8Array([0x0a, 0xff, 0xff]));
    assert.ok(!decoded.ok);
    assert.match(decoded.refusal.message, /^messages/);
  });
});
