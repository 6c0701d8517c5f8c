/** The master's end of AgentLink: what an agent may say, the reason why anything else is refused, and what the master says. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { schema } from "../../../common/contract-schema.ts";
import { AgentId, ExecutorId, FrameworkId, TaskId, Uuid } from "../../../common/ids.ts";
import { describeResources } from "../../../common/resources.ts";
import { checkMessage } from "../../../common/wire-check.ts";
import { ExecutorInfo, FrameworkInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { type AgentMessage, AgentMessages, MasterMessages } from "../../../protos/gen/tepui/v1/agent_link.ts";
import type { AgentToMaster, MasterToAgent } from "../../../server/core/agent-message.ts";
import { decodeAgentMessages, encodeMasterMessages } from "../../../server/wire/agent-link.ts";
import { linkLimits } from "../../../server/wire/limits.ts";

type MessageFields = Parameters<typeof AgentMessage.fromPartial>[0]["message"];

const encode = (...messages: MessageFields[]): Uint8Array =>
  AgentMessages.encode(AgentMessages.fromPartial({ messages: messages.map((message) => ({ message })) })).finish();

function messageOf(message: MessageFields): AgentToMaster {
  const decoded = decodeAgentMessages(encode(message));
  assert.ok(decoded.ok, decoded.ok ? "" : decoded.refusal.message);
  const first = decoded.value[0];
  assert.ok(first !== undefined);
  return first;
}

const uuid = Uint8Array.from({ length: 16 }, (_, index) => index);
const info = { hostname: "h", resources: [{ name: "cpus", type: 0 as const, scalar: { value: 4 } }] };
const key = { frameworkId: { value: "F1" }, taskId: { value: "t" } };
const task = { ...key, name: "n", agentId: { value: "S1" }, state: 1 as const, resources: info.resources };

describe("decodeAgentMessages()", () => {
  it("reads a registration", () => {
    const message = messageOf({ $case: "register", register: { linkVersion: 1, credential: uuid, info, version: "0.1.0" } });
    assert.equal(message.kind, "register");
    assert.ok(message.kind === "register");
    assert.deepEqual([message.agent.hostname, message.agent.version], ["h", "0.1.0"]);
    assert.equal(describeResources(message.agent.resources), "cpus:4");
  });
  it("reads all that a returning agent brings", () => {
    const reregister = {
      linkVersion: 1,
      credential: uuid,
      info: { ...info, id: { value: "S1" } },
      frameworks: [{ user: "u", name: "n", id: { value: "F1" } }],
      tasks: [{ ...task, executorId: { value: "E" }, statusUpdateState: 2 as const, statusUpdateUuid: uuid }],
      executors: [{ executorId: { value: "E" }, frameworkId: { value: "F1" }, resources: info.resources }],
    };
    const message = messageOf({ $case: "reregister", reregister });
    assert.ok(message.kind === "reregister");
    assert.deepEqual([message.agentId, message.frameworks[0]?.frameworkId, message.frameworks[0]?.framework.roles], ["S1", "F1", ["*"]]);
    const { resources, ...reported } = message.tasks[0] ?? { resources: [] };
    assert.equal(describeResources(resources), "cpus:4");
    const [executor] = message.executors ?? [];
    assert.deepEqual([executor?.frameworkId, executor?.executorId, describeResources(executor?.resources ?? [])], ["F1", "E", "cpus:4"]);
    assert.deepEqual(reported, {
      frameworkId: "F1",
      taskId: "t",
      executorId: "E",
      name: "n",
      state: "TASK_RUNNING",
      statusUpdateState: "TASK_FINISHED",
      statusUpdateUuid: "000102030405060708090a0b0c0d0e0f",
    });
  });
  it("reads farewells, updates and pongs in one flush, in order", () => {
    const status = { taskId: { value: "t" }, state: 2 as const, uuid };
    const decoded = decodeAgentMessages(
      encode(
        { $case: "update", update: { frameworkId: { value: "F1" }, status, latestState: 2 } },
        { $case: "unregister", unregister: { agentId: { value: "S1" }, credential: uuid, alive: [key] } },
        { $case: "pong", pong: { number: 7n } },
      ),
    );
    assert.ok(decoded.ok);
    const [update, ...rest] = decoded.value;
    assert.ok(update?.kind === "statusUpdate");
    assert.deepEqual([update.frameworkId, update.taskId, update.state, update.latestState], ["F1", "t", "TASK_FINISHED", "TASK_FINISHED"]);
    assert.deepEqual([update.uuid, update.status.uuid?.length], ["000102030405060708090a0b0c0d0e0f", 16]);
    assert.deepEqual(rest, [
      { kind: "unregister", agentId: "S1", credential: "000102030405060708090a0b0c0d0e0f", alive: [{ frameworkId: "F1", taskId: "t" }] },
      { kind: "pong", number: 7 },
    ]);
  });

  const bad: readonly [name: string, message: MessageFields, reason: string][] = [
    ["a message of a newer link", undefined, "messages[0] must be a message that this master knows"],
    ["no link version", { $case: "register", register: { info } }, "messages[0].register.link_version must be from 1 to 1, is not set"],
    [
      "a newer link version",
      { $case: "register", register: { linkVersion: 2, info } },
      "messages[0].register.link_version must be from 1 to 1, is 2",
    ],
    ["no info", { $case: "register", register: { linkVersion: 1 } }, "messages[0].register.info must be set"],
    [
      "no hostname",
      { $case: "register", register: { linkVersion: 1, credential: uuid, info: {} } },
      "messages[0].register.info.hostname must not be empty",
    ],
    [
      "a bad resource",
      { $case: "register", register: { linkVersion: 1, credential: uuid, info: { hostname: "h", resources: [{ name: "cpus" }] } } },
      "messages[0].register.info.resources[0] must have the value of its type, SCALAR",
    ],
    [
      "allocated resources",
      {
        $case: "register",
        register: {
          linkVersion: 1,
          credential: uuid,
          info: { hostname: "h", resources: [{ ...info.resources[0], allocationInfo: { role: "a" } }] },
        },
      },
      'messages[0].register.info.resources must not be allocated, cpus is to "a"',
    ],
    [
      "an attribute without its value",
      { $case: "register", register: { linkVersion: 1, credential: uuid, info: { hostname: "h", attributes: [{ name: "a", type: 3 }] } } },
      "messages[0].register.info.attributes[0].text must be set",
    ],
    [
      "an attribute without a name",
      { $case: "register", register: { linkVersion: 1, credential: uuid, info: { hostname: "h", attributes: [{ type: 3 }] } } },
      "messages[0].register.info.attributes[0].name must not be empty",
    ],
    [
      "a registration without a credential",
      { $case: "register", register: { linkVersion: 1, info } },
      "messages[0].register.credential must be set",
    ],
    [
      "a short credential",
      { $case: "unregister", unregister: { agentId: { value: "S1" }, credential: Uint8Array.of(1) } },
      "messages[0].unregister.credential must have 16 bytes, has 1",
    ],
    [
      "a return without an id",
      { $case: "reregister", reregister: { linkVersion: 1, credential: uuid, info } },
      "messages[0].reregister.info.id must be set",
    ],
    [
      "a framework without an id",
      { $case: "reregister", reregister: { linkVersion: 1, credential: uuid, info: { ...info, id: { value: "S1" } }, frameworks: [{}] } },
      "messages[0].reregister.frameworks[0].id must be set",
    ],
    [
      "a task with a bad id",
      {
        $case: "reregister",
        reregister: {
          linkVersion: 1,
          credential: uuid,
          info: { ...info, id: { value: "S1" } },
          tasks: [{ ...task, taskId: { value: "" } }],
        },
      },
      "messages[0].reregister.tasks[0].task_id.value must not be empty",
    ],
    [
      "a task with a short uuid",
      {
        $case: "reregister",
        reregister: {
          linkVersion: 1,
          credential: uuid,
          info: { ...info, id: { value: "S1" } },
          tasks: [{ ...task, statusUpdateUuid: Uint8Array.of(1) }],
        },
      },
      "messages[0].reregister.tasks[0].status_update_uuid must have 16 bytes, has 1",
    ],
    ["a farewell of nobody", { $case: "unregister", unregister: {} }, "messages[0].unregister.agent_id must be set"],
    [
      "a farewell with half a task",
      { $case: "unregister", unregister: { agentId: { value: "S1" }, alive: [{ taskId: { value: "t" } }] } },
      "messages[0].unregister.alive[0].framework_id must be set",
    ],
    ["an update without a status", { $case: "update", update: { frameworkId: { value: "F1" } } }, "messages[0].update.status must be set"],
    [
      "an update without a uuid",
      { $case: "update", update: { frameworkId: { value: "F1" }, status: { taskId: { value: "t" }, state: 1 } } },
      "messages[0].update.status.uuid must be set",
    ],
  ];
  for (const [name, message, reason] of bad) {
    it(`names ${name}`, () => {
      assert.deepEqual(decodeAgentMessages(encode(message)), { ok: false, refusal: { code: "INVALID_ARGUMENT", message: reason } });
    });
  }
  it("reads the end of an executor, and its messages", () => {
    const executor = { frameworkId: { value: "F1" }, executorId: { value: "E" } };
    const decoded = decodeAgentMessages(
      encode(
        { $case: "exitedExecutor", exitedExecutor: { ...executor, status: 9 } },
        { $case: "executorMessage", executorMessage: { ...executor, data: uuid } },
      ),
    );
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value[0], { kind: "exitedExecutor", frameworkId: "F1", executorId: "E", waitStatus: 9 });
    const [, message] = decoded.value;
    assert.ok(message?.kind === "executorMessage");
    assert.deepEqual([...message.data], [...uuid]);
  });
  it("answers all bytes", () => {
    const valid = encode({
      $case: "reregister",
      reregister: { linkVersion: 1, credential: uuid, info: { ...info, id: { value: "S1" } }, tasks: [task] },
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.uint8Array({ maxLength: 30 }),
        (changes, random) => {
          const mutated = valid.slice();
          for (const [at, byte] of changes) mutated[at] = byte;
          for (const bytes of [mutated, random]) {
            const decoded = decodeAgentMessages(bytes);
            if (!decoded.ok) assert.notEqual(decoded.refusal.message, "");
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("encodeMasterMessages()", () => {
  it("writes one flush of every kind of message, in order", () => {
    const taskKey = { frameworkId: FrameworkId("F1"), taskId: TaskId("t") };
    const framework = FrameworkInfo.fromPartial({ user: "u", name: "n", id: { value: "F1" } });
    const taskInfo = TaskInfo.fromPartial({ name: "", taskId: { value: "t" }, agentId: { value: "S1" } });
    const executor = ExecutorInfo.fromPartial({ executorId: { value: "E" }, type: 1 });
    const messages: MasterToAgent[] = [
      { kind: "registered", agentId: AgentId("S1"), pingTimeoutMs: 75_000 },
      { kind: "reregistered", agentId: AgentId("S1"), pingTimeoutMs: 75_000, reconcile: [{ ...taskKey, partitionAware: false }] },
      { kind: "refuse", reason: "retired" },
      { kind: "unregistered", agentId: AgentId("S1") },
      { kind: "runTask", framework, task: taskInfo },
      { kind: "killTask", ...taskKey, partitionAware: true, graceMs: 0 },
      { kind: "killTask", ...taskKey, graceMs: undefined },
      { kind: "acknowledge", ...taskKey, uuid: Uuid("000102030405060708090a0b0c0d0e0f") },
      { kind: "shutdownFramework", frameworkId: FrameworkId("F1") },
      { kind: "runTask", framework, task: taskInfo, launchesExecutor: true },
      { kind: "runTaskGroup", framework, executor, launchesExecutor: true, tasks: [taskInfo] },
      { kind: "shutdownExecutor", frameworkId: FrameworkId("F1"), executorId: ExecutorId("E") },
      { kind: "messageToExecutor", frameworkId: FrameworkId("F1"), executorId: ExecutorId("E"), data: uuid },
      { kind: "updateFramework", framework, sameScheduler: true },
      { kind: "ping", number: 3, connected: false },
    ];
    const bytes = encodeMasterMessages(messages);
    assert.equal(checkMessage(schema, "tepui.v1.MasterMessages", bytes, linkLimits), undefined);
    assert.deepEqual(
      MasterMessages.decode(bytes).messages.map(({ message }) => message),
      [
        { $case: "registered", registered: { agentId: { value: "S1" }, pingTimeoutMs: 75_000n } },
        {
          $case: "reregistered",
          reregistered: {
            agentId: { value: "S1" },
            pingTimeoutMs: 75_000n,
            reconcile: [{ ...key, partitionAware: false }],
            reconcileOperations: [],
          },
        },
        { $case: "refuse", refuse: { reason: "retired" } },
        { $case: "unregistered", unregistered: { agentId: { value: "S1" } } },
        { $case: "runTask", runTask: { framework, task: taskInfo, launchExecutor: undefined } },
        { $case: "killTask", killTask: { ...key, partitionAware: true, killPolicy: { gracePeriod: { nanoseconds: 0n } } } },
        { $case: "killTask", killTask: { ...key, partitionAware: undefined, killPolicy: undefined } },
        { $case: "acknowledge", acknowledge: { ...key, uuid } },
        { $case: "shutdownFramework", shutdownFramework: { frameworkId: { value: "F1" } } },
        { $case: "runTask", runTask: { framework, task: taskInfo, launchExecutor: true } },
        { $case: "runTaskGroup", runTaskGroup: { framework, executor, tasks: [taskInfo], launchExecutor: true } },
        { $case: "shutdownExecutor", shutdownExecutor: { frameworkId: { value: "F1" }, executorId: { value: "E" } } },
        { $case: "messageToExecutor", messageToExecutor: { frameworkId: { value: "F1" }, executorId: { value: "E" }, data: uuid } },
        { $case: "updateFramework", updateFramework: { framework, sameScheduler: true } },
        { $case: "ping", ping: { number: 3n, connected: false } },
      ],
    );
  });
});
