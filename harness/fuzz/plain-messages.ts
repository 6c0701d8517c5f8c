/**
 * Messages as a working peer writes them, for those types that nothing valid can be made of by chance: ids that answers
 * have told, a framework that may subscribe, a task that fits an offer and ends by itself.
 */

import fc from "fast-check";
import type { MessageTree, TreeField, TreeValue } from "./message-tree.ts";

/** Ids by the name of their message; each has its text in field 1. Offers and inverse offers share a type. */
export const idMessages = ["FrameworkID", "OfferID", "AgentID", "TaskID", "ExecutorID", "OperationID", "ContainerID"].map(
  (name) => `mesos.v1.${name}`,
);

/** Something that answers have told, such as an id of this type; mostly about what the fuzzer itself has made. */
export function learnt(what: string): fc.Arbitrary<TreeValue> {
  const own = fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
  const index = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 7 }) });
  return fc.record({ kind: fc.constant("learnt"), what: fc.constant(what), own, index });
}

const id = (type: string): fc.Arbitrary<MessageTree> => learnt(`mesos.v1.${type}`).map((value) => [{ number: 1, name: "value", value }]);

const field = (number: number, name: string, value: TreeValue): TreeField => ({ number, name, value });
const text = (number: number, name: string, value: string): TreeField => field(number, name, { kind: "text", value });
const varint = (number: number, name: string, value: number): TreeField => field(number, name, { kind: "varint", value: BigInt(value) });
const message = (number: number, name: string, fields: MessageTree): TreeField => field(number, name, { kind: "message", fields });

function scalar(name: string, value: number): MessageTree {
  return [text(1, "name", name), varint(2, "type", 0), message(3, "scalar", [field(1, "value", { kind: "double", value })])];
}

const newest = (what: string): TreeValue => ({ kind: "learnt", what, own: true, index: 0 });

/** What a task uses is allocated to the role that the offer was made to. */
const allocation = message(11, "allocation_info", [field(1, "role", newest("role"))]);

const resource = fc.constantFrom(scalar("cpus", 0.1), scalar("mem", 32), scalar("cpus", 1));

/** FrameworkInfo.Capability.Type; without it offers do not say to which role they are. */
const multiRoleCapability = 6;

const frameworkInfo = fc
  .record({
    frameworkId: fc.option(id("FrameworkID"), { freq: 3 }),
    roles: fc.subarray(["fuzz", "web", "*"], { minLength: 1 }),
    isMultiRole: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    others: fc.subarray([1, 2, 3, 4, 5, 7, 8], { maxLength: 4 }),
    timeoutSeconds: fc.constantFrom(0, 1, 3_600),
  })
  .map(({ frameworkId, roles, isMultiRole, others, timeoutSeconds }): MessageTree => {
    const capabilities = isMultiRole ? [...others, multiRoleCapability] : others;
    return [
      text(1, "user", "nobody"),
      text(2, "name", "fuzz"),
      ...(frameworkId === null ? [] : [message(3, "id", frameworkId)]),
      field(4, "failover_timeout", { kind: "double", value: timeoutSeconds }),
      ...(isMultiRole ? roles.map((role) => text(12, "roles", role)) : roles.slice(0, 1).map((role) => text(6, "role", role))),
      ...capabilities.map((type) => message(10, "capabilities", [varint(1, "type", type)])),
    ];
  });

const command = fc
  .constantFrom("true", "exit 3", "sleep 0.05", "sleep 1")
  .map((value): MessageTree => [varint(6, "shell", 1), text(3, "value", value)]);

/** A name that nothing has had; now and then one that something has. */
const newTaskId = fc.oneof(
  { weight: 5, arbitrary: fc.constant<TreeValue>({ kind: "learnt", what: "mesos.v1.TaskID", own: true, index: 1 }) },
  { weight: 1, arbitrary: learnt("mesos.v1.TaskID") },
);

const taskInfo = fc
  .record({
    taskId: newTaskId.map((value): MessageTree => [{ number: 1, name: "value", value }]),
    agentId: id("AgentID"),
    resources: fc.array(resource, { minLength: 1, maxLength: 2 }),
    command,
  })
  .map(
    (task): MessageTree => [
      text(1, "name", "fuzz"),
      message(2, "task_id", task.taskId),
      message(3, "agent_id", task.agentId),
      ...task.resources.map((one) => message(4, "resources", [...one, allocation])),
      message(7, "command", task.command),
    ],
  );

const launch = fc.array(taskInfo, { minLength: 1, maxLength: 2 }).map(
  (tasks): MessageTree => [
    varint(1, "type", 1),
    message(
      2,
      "launch",
      tasks.map((task) => message(1, "task_infos", task)),
    ),
  ],
);

const agentInfo = fc
  .record({ agentId: fc.option(id("AgentID")), resources: fc.array(resource, { maxLength: 2 }) })
  .map(
    ({ agentId, resources }): MessageTree => [
      text(1, "hostname", "fuzz"),
      ...resources.map((one) => message(3, "resources", one)),
      ...(agentId === null ? [] : [message(6, "id", agentId)]),
    ],
  );

const executorResources = [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 10)];

/** In the default executor, which runs commands as the agent itself does. */
const launchGroup = fc.array(taskInfo, { minLength: 1, maxLength: 2 }).map((tasks): MessageTree => {
  const executor = [
    message(1, "executor_id", [text(1, "value", "group")]),
    ...executorResources.map((one) => message(5, "resources", [...one, allocation])),
    message(8, "framework_id", [field(1, "value", newest("mesos.v1.FrameworkID"))]),
    varint(15, "type", 1),
  ];
  const taskGroup = tasks.map((task) => message(1, "tasks", task));
  return [varint(1, "type", 6), message(7, "launch_group", [message(1, "executor", executor), message(2, "task_group", taskGroup)])];
});

const operation = fc.oneof({ weight: 3, arbitrary: launch }, { weight: 1, arbitrary: launchGroup });

/** RegisterAgent and ReregisterAgent begin alike. */
const registration = agentInfo.map((info): MessageTree => [varint(1, "link_version", 1), message(2, "info", info)]);

/** One offer, the newest: several that are of one agent are rare. */
const accept = operation.map(
  (one): MessageTree => [
    message(1, "offer_ids", [field(1, "value", newest("mesos.v1.OfferID"))]),
    message(2, "operations", one),
    message(3, "filters", [field(1, "refuse_seconds", { kind: "double", value: 0 })]),
  ],
);

const filters = fc.constantFrom(0, 0.2, 1).map((value): MessageTree => [field(1, "refuse_seconds", { kind: "double", value })]);

export const plainMessages: ReadonlyMap<string, fc.Arbitrary<MessageTree>> = new Map([
  ...idMessages.map((type) => [type, id(type.slice("mesos.v1.".length))] as const),
  ["mesos.v1.Resource", resource],
  ["mesos.v1.FrameworkInfo", frameworkInfo],
  ["mesos.v1.CommandInfo", command],
  ["mesos.v1.TaskInfo", taskInfo],
  ["mesos.v1.Offer.Operation", operation],
  ["mesos.v1.scheduler.Call.Accept", accept],
  ["mesos.v1.AgentInfo", agentInfo],
  ["mesos.v1.Filters", filters],
  ["tepui.v1.RegisterAgent", registration],
  ["tepui.v1.ReregisterAgent", registration],
]);
