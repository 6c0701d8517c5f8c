/** What is wrong with one task stays with that task, and says which field, rule and value. */

import assert from "node:assert/strict";
import { describeResources } from "../../../common/resources.ts";
import { type Resource, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import { describeTask } from "../../../server/wire/decode-task.ts";

type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];
type ResourceFields = Parameters<typeof Resource.fromPartial>[0];

const scalar = (name: string, value: number): ResourceFields => ({ name, type: 0, scalar: { value } });
const good: TaskFields = {
  name: "n",
  taskId: { value: "t" },
  agentId: { value: "S1" },
  resources: [scalar("cpus", 1)],
  command: { value: "true" },
};
const problemOf = (fields: TaskFields): string | undefined => describeTask(TaskInfo.fromPartial({ ...good, ...fields })).problem;
const ports = (...pairs: [bigint, bigint][]): ResourceFields => ({
  name: "ports",
  type: 1,
  ranges: { range: pairs.map(([begin, end]) => ({ begin, end })) },
});
const reserved = (reservations: Resource["reservations"]): ResourceFields[] => [{ ...scalar("cpus", 1), reservations }];
const volume: ResourceFields = {
  ...scalar("disk", 64),
  reservations: [{ type: 2, role: "web" }],
  disk: { persistence: { id: "v" }, volume: { mode: 1, containerPath: "data" } },
};

describe("describeTask()", () => {
  it("describes a good task and passes its message on", () => {
    const info = TaskInfo.fromPartial({ ...good, resources: [scalar("mem", 32.0004), scalar("cpus", 1), scalar("cpus", 0)] });
    const task = describeTask(info);
    assert.deepEqual([task.taskId, task.agentId, task.problem, task.info], ["t", "S1", undefined, info]);
    assert.equal(describeResources(task.resources), "cpus:1;mem:32");
  });
  it("takes a scalar in the older form of a reservation", () => {
    const info = TaskInfo.fromPartial({ ...good, resources: [{ ...scalar("cpus", 1), role: "web", reservation: { principal: "p" } }] });
    assert.equal(describeResources(describeTask(info).resources), "cpus(reservations: [(DYNAMIC,web,p)]):1");
  });

  const executor = { executorId: { value: "e" }, command: { value: "run" } };
  it("T12: takes a custom executor, with its resources", () => {
    const described = describeTask(
      TaskInfo.fromPartial({ ...good, command: undefined, executor: { ...executor, resources: [scalar("cpus", 1)] } }),
    );
    assert.equal(described.problem, undefined);
    assert.equal(described.executor?.executorId, "e");
    assert.deepEqual(described.executor?.resources, described.resources);
  });
  const bad: readonly [name: string, fields: TaskFields, problem: string][] = [
    ["an empty task id", { taskId: { value: "" } }, "task_id.value must not be empty"],
    [
      "a task id of 10,000 characters",
      { taskId: { value: "x".repeat(10_000) } },
      "task_id.value must have at most 255 characters, has 10000",
    ],
    ["an empty agent id", { agentId: { value: "" } }, "agent_id.value must not be empty"],
    [
      "a negative grace",
      { killPolicy: { gracePeriod: { nanoseconds: -5n } } },
      "kill_policy.grace_period.nanoseconds must not be negative, is -5",
    ],
    [
      "a negative time to complete",
      { maxCompletionTime: { nanoseconds: -5n } },
      "max_completion_time.nanoseconds must not be negative, is -5",
    ],
    ["no resources", { resources: [] }, "resources must not be empty"],
    ["resources that hold nothing", { resources: [scalar("cpus", 0)] }, "resources must not be empty"],
    ["a resource without a name", { resources: [scalar("", 1)] }, "resources[0].name must not be empty"],
    ["NaN", { resources: [scalar("cpus", 1), scalar("mem", Number.NaN)] }, "resources[1].scalar.value must be a number, is NaN"],
    ["a negative amount", { resources: [scalar("cpus", -1)] }, "resources[0].scalar.value must not be negative, is -1"],
    [
      "an amount that rounds to nothing",
      { resources: [scalar("cpus", 0.0004)] },
      "resources[0].scalar.value must be 0 or at least 0.0005, is 0.0004",
    ],
    ["infinity", { resources: [scalar("cpus", Infinity)] }, "resources[0].scalar.value must be at most 10000000000, is Infinity"],
    ["half a gpu", { resources: [scalar("gpus", 0.5)] }, "resources[0].scalar.value must be whole, is 0.5"],
    [
      "a value that is not of its type",
      { resources: [{ name: "cpus", type: 1, scalar: { value: 1 } }] },
      "resources[0] must have the value of its type, RANGES",
    ],
    ["a text as a resource", { resources: [{ name: "cpus", type: 3 }] }, "resources[0] must have the value of its type, TEXT"],
    ["two values", { resources: [{ ...scalar("cpus", 1), set: { item: ["a"] } }] }, "resources[0].set must not be set beside scalar"],
    ["a range that ends before it begins", { resources: [ports([5n, 3n])] }, "resources[0].ranges must not begin after they end, has 5-3"],
    ["ranges that overlap", { resources: [ports([3n, 9n], [1n, 3n])] }, "resources[0].ranges must not overlap, has 1-3 and 3-9"],
    [
      "a range beyond exact numbers",
      { resources: [ports([1n, 2n ** 63n])] },
      "resources[0].ranges must be whole numbers up to 2^53 - 1, has 1-9223372036854776000",
    ],
    [
      "a repeated item",
      { resources: [{ name: "z", type: 2, set: { item: ["a", "a"] } }] },
      'resources[0].set must not repeat an item, has "a" twice',
    ],
    [
      "a disk of a provider",
      { resources: [{ ...scalar("disk", 1), providerId: { value: "p" } }] },
      "resources[0].provider_id must not be set: resource providers are not supported",
    ],
    [
      "a shared resource",
      { resources: [{ ...scalar("cpus", 1), shared: {} }] },
      "resources[0].shared must not be set but for a persistent volume",
    ],
    [
      "a resource provider",
      { resources: [{ ...scalar("cpus", 1), providerId: { value: "p" } }] },
      "resources[0].provider_id must not be set: resource providers are not supported",
    ],
    [
      "a reservation for nobody",
      { resources: [{ ...scalar("cpus", 1), reservation: {} }] },
      'resources[0].role must be set and not be "*" beside reservation',
    ],
    [
      "both forms of reservations",
      { resources: [{ ...scalar("cpus", 1), role: "a", reservations: [{ type: 1, role: "a" }] }] },
      "resources[0].role must not be set beside reservations",
    ],
    [
      "a reservation without a type",
      { resources: reserved([{ role: "a" }]) },
      "resources[0].reservations[0].type must be STATIC or DYNAMIC",
    ],
    ["a reservation for everybody", { resources: reserved([{ type: 2, role: "*" }]) }, 'resources[0].reservations[0].role must not be "*"'],
    [
      "a static reservation above another",
      {
        resources: reserved([
          { type: 1, role: "a" },
          { type: 1, role: "a/b" },
        ]),
      },
      "resources[0].reservations[1].type must be DYNAMIC above another reservation, is STATIC",
    ],
    [
      "a refinement of another role",
      {
        resources: reserved([
          { type: 1, role: "a" },
          { type: 2, role: "ab" },
        ]),
      },
      'resources[0].reservations[1].role must be below "a", is "ab"',
    ],
    [
      "resources of two roles",
      {
        resources: [
          { ...scalar("cpus", 1), allocationInfo: { role: "a" } },
          { ...scalar("mem", 1), allocationInfo: { role: "b" } },
        ],
      },
      'resources must all be allocated to one role, have "a" and "b"',
    ],
    [
      "an allocation to no role",
      { resources: [{ ...scalar("cpus", 1), allocationInfo: { role: "" } }] },
      "resources[0].allocation_info.role must not be empty",
    ],
    ["nothing to run", { command: undefined }, "command or executor must be set"],
    ["a command and an executor", { executor: { executorId: { value: "e" } } }, "command and executor must not both be set"],
    [
      "a volume for a task with an executor",
      { command: undefined, executor, resources: [volume] },
      "resources must not have persistent volumes for a task with an executor; executor.resources may",
    ],
    [
      "T12: an executor without a command",
      { command: undefined, executor: { executorId: { value: "e" } } },
      "executor.command must be set",
    ],
    [
      "the default executor",
      { command: undefined, executor: { ...executor, type: 1 } },
      "executor.type must not be DEFAULT for a LAUNCH; it is for a LAUNCH_GROUP",
    ],
    [
      "an executor without an id",
      { command: undefined, executor: { ...executor, executorId: { value: "" } } },
      "executor.executor_id.value must not be empty",
    ],
    [
      "a negative shutdown grace",
      { command: undefined, executor: { ...executor, shutdownGracePeriod: { nanoseconds: -1n } } },
      "executor.shutdown_grace_period.nanoseconds must not be negative, is -1",
    ],
    [
      "a NUL in an executor's command",
      { command: undefined, executor: { ...executor, command: { value: "a\0" } } },
      "executor.command.value must not contain U+0000",
    ],
    [
      "an executor's container",
      { command: undefined, executor: { ...executor, container: { type: 2, hostname: "h" } } },
      'executor.container.hostname must be absent: a container has that of its machine, is "h"',
    ],
    ["a command without a value", { command: {} }, "command.value must not be empty"],
    ["a NUL in a command", { command: { value: "a\0b" } }, "command.value must not contain U+0000"],
    ["a NUL in an argument", { command: { value: "a", arguments: ["a", "\0"] } }, "command.arguments[1] must not contain U+0000"],
    ["a user that is none", { command: { value: "a", user: "a b" } }, 'command.user must be the name of a user, is "a b"'],
    [
      "a file outside of the sandbox",
      { command: { value: "a", uris: [{ value: "http://x", outputFile: "/x" }] } },
      'command.uris[0].output_file must be relative to the sandbox, is "/x"',
    ],
    [
      "a secret of an executor",
      { command: undefined, executor: { ...executor, command: { value: "a", environment: { variables: [{ name: "A", type: 2 }] } } } },
      "executor.command.environment.variables[0].type must be VALUE, is SECRET: no agent resolves secrets",
    ],
    [
      "a variable without a name",
      { command: { value: "a", environment: { variables: [{ name: "", value: "v" }] } } },
      "command.environment.variables[0].name must not be empty",
    ],
    [
      "a variable with = in its name",
      { command: { value: "a", environment: { variables: [{ name: "A=B", value: "v" }] } } },
      'command.environment.variables[0].name must not contain "=" or U+0000',
    ],
    [
      "a variable without a value",
      { command: { value: "a", environment: { variables: [{ name: "A" }] } } },
      "command.environment.variables[0].value must be set",
    ],
    [
      "a secret",
      { command: { value: "a", environment: { variables: [{ name: "A", type: 2 }] } } },
      "command.environment.variables[0].type must be VALUE, is SECRET: no agent resolves secrets",
    ],
    ["a container of Docker", { container: { type: 1 } }, "container.docker must be set for the type DOCKER"],
    [
      "a terminal",
      { container: { type: 2, ttyInfo: {} } },
      "container.tty_info must be absent: only sessions of operators have a terminal",
    ],
    ["a health check without a type", { healthCheck: {} }, "health_check.type must be COMMAND, HTTP or TCP, is not set"],
    ["a check without a type", { check: {} }, "check.type must be COMMAND, HTTP or TCP, is not set"],
    ["limits of what is not asked for", { limits: { mem: { value: 1 } } }, 'limits["mem"] must have mem among the resources beside it'],
  ];
  for (const [name, fields, problem] of bad) it(`names ${name}`, () => assert.equal(problemOf(fields), problem));
});
