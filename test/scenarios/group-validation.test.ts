/**
 * The rules for the tasks of a LAUNCH_GROUP, and what the master's books say of one that keeps them. Each launch comes as bytes, through
 * the decoder, so that what the edge and the core check is seen in one order.
 */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExecutorId } from "../../common/ids.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { describeResources, toResources } from "../../common/resources.ts";
import { type ExecutorInfo, ExecutorInfo_Type, Resource, type TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { decodeSchedulerCall } from "../../server/wire/decode.ts";
import { type ConnectedAgent, MasterDriver, type Scheduler } from "../server/core/master-driver.ts";

type CallFields = Parameters<typeof Call.fromPartial>[0];
type TaskFields = Parameters<typeof TaskInfo.fromPartial>[0];
type ExecutorFields = Parameters<typeof ExecutorInfo.fromPartial>[0];
type ResourceFields = Parameters<typeof Resource.fromPartial>[0];

const scalar = (name: string, value: number): ResourceFields => ({ name, type: 0, scalar: { value } });
const port = (value: bigint): ResourceFields => ({ name: "ports", type: 1, ranges: { range: [{ begin: value, end: value }] } });
const executorResources = [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 10)];
const shared = (shareCgroups: boolean): TaskFields => ({ container: { type: 2, linuxInfo: { shareCgroups } } });

interface Cluster {
  readonly driver: MasterDriver;
  readonly agent: ConnectedAgent;
  readonly scheduler: Scheduler;
}

function start(): Cluster {
  const driver = new MasterDriver().lead();
  const ports: ResourceFields = { name: "ports", type: 1, ranges: { range: [{ begin: 1n, end: 9n }] } };
  const total = [scalar("cpus", 4), scalar("mem", 4_096), scalar("disk", 1_000), ports].map((one) => Resource.fromPartial(one));
  const read = readResources(total, "resources");
  assert.ok(read.ok);
  const agent = driver.register(toResources(read.value));
  return { driver, agent, scheduler: driver.subscribe({ partitionAware: true }) };
}

interface Group {
  readonly executor?: ExecutorFields;
  readonly tasks: readonly TaskFields[];
  readonly operation?: { readonly id?: { readonly value: string } };
  readonly offerId?: string;
}

/** Launches a group on the next offer; answers what is said of its tasks: nothing, or the same of each. */
function launch({ driver, agent, scheduler }: Cluster, { executor = {}, tasks, operation = {}, offerId }: Group): string | undefined {
  driver.advanceAlive(1_000, [agent]);
  const offerIds = [{ value: offerId ?? driver.takeOffer(scheduler).offerId }];
  const launchGroup = {
    executor: {
      executorId: { value: "E" },
      type: ExecutorInfo_Type.DEFAULT,
      frameworkId: { value: scheduler.frameworkId },
      resources: executorResources,
      ...executor,
    },
    taskGroup: {
      tasks: tasks.map((fields, index) => ({
        name: "n",
        taskId: { value: `t${index}` },
        agentId: { value: agent.agentId },
        command: { value: "true" },
        resources: [scalar("cpus", 1), scalar("mem", 32)],
        ...fields,
      })),
    },
  };
  const fields: CallFields = {
    type: Call_Type.ACCEPT,
    frameworkId: { value: scheduler.frameworkId },
    accept: { offerIds, operations: [{ type: 6, launchGroup, ...operation }], filters: { refuseSeconds: 0 } },
  };
  const decoded = decodeSchedulerCall(Call.encode(Call.fromPartial(fields)).finish());
  assert.ok(decoded.ok && decoded.value.kind === "call", "the call itself is well-formed");
  driver.takeMessages(agent, "runTaskGroup");
  assert.equal(driver.call(scheduler, decoded.value.call), undefined);
  const updates = driver.takeUpdates(scheduler);
  assert.ok(updates.length === 0 || updates.length === tasks.length, `all or none: ${updates.length} of ${tasks.length}`);
  assert.ok(new Set(updates.map(({ state, reason, message }) => `${state} ${reason} ${message}`)).size <= 1, "the same of each");
  const [first] = updates;
  if (first !== undefined) {
    assert.equal(driver.takeMessages(agent, "runTaskGroup").length, 0);
    if (offerId === undefined) assert.deepEqual([first.state, first.reason], ["TASK_ERROR", "REASON_TASK_GROUP_INVALID"]);
  }
  return first?.message;
}

function free({ driver, agent, scheduler }: Cluster): string {
  driver.advanceAlive(1_000, [agent]);
  const { offerId, resources } = driver.takeOffer(scheduler);
  driver.call(scheduler, { kind: "decline", offerIds: [offerId], refuseMs: 0 });
  return describeResources(resources.map(({ allocationRole: _, ...resource }) => resource));
}

const executorsOf = ({ driver }: Cluster): number => driver.operator("getExecutors").executors.executors.length;

const broken: readonly [title: string, group: Group, message: RegExp][] = [
  ["T2: a task id with a slash", { tasks: [{}, { taskId: { value: "a/b" } }] }, /^Task group: task a\/b: task_id must not contain/],
  ["T3: the same id twice", { tasks: [{ taskId: { value: "t" } }, { taskId: { value: "t" } }] }, /task t: task_id must be used once/],
  ["T4: another agent", { tasks: [{}, { agentId: { value: "other" } }] }, /task t1: agent_id must be .*, is other/],
  ["T5: a negative grace", { tasks: [{ killPolicy: { gracePeriod: { nanoseconds: -1n } } }, {}] }, /task t0: kill_policy\.grace_period/],
  ["T7: a task without resources", { tasks: [{}, { resources: [] }] }, /task t1: resources must not be empty/],
  [
    "T8: a variable without a name",
    { tasks: [{ command: { value: "x", environment: { variables: [{ name: "", value: "" }] } } }] },
    /\.name/,
  ],
  ["a task without a command", { tasks: [{ command: undefined }, {}] }, /task t0: command must be set for a task of the default executor/],
  ["T9: a hostname", { tasks: [{}, { container: { type: 2, hostname: "h" } }] }, /task t1: container\.hostname must be absent: .*, is "h"/],
  ["an executor that is none", { executor: { type: undefined }, tasks: [{}] }, /executor\.type must be DEFAULT or CUSTOM/],
  ["a default executor with a command", { executor: { command: { value: "x" } }, tasks: [{}] }, /executor\.command must be absent/],
  ["a program without a command", { executor: { type: ExecutorInfo_Type.CUSTOM }, tasks: [{}] }, /executor\.command must be set/],
  ["an executor without an id", { executor: { executorId: { value: "" } }, tasks: [{}] }, /executor\.executor_id\.value must not be empty/],
  ["an executor without framework_id", { executor: { frameworkId: undefined }, tasks: [{}] }, /executor\.framework_id must be set/],
  [
    "an executor of another framework",
    { executor: { frameworkId: { value: "F" } }, tasks: [{}] },
    /executor\.framework_id must be .*, is F/,
  ],
  [
    "a negative shutdown grace",
    { executor: { shutdownGracePeriod: { nanoseconds: -1n } }, tasks: [{}] },
    /executor\.shutdown_grace_period/,
  ],
  [
    "an executor with too few cpus",
    { executor: { resources: [scalar("mem", 32)] }, tasks: [{}] },
    /executor\.resources must have at least 0\.01 cpus/,
  ],
  [
    "an executor with too little mem",
    { executor: { resources: [scalar("cpus", 1), scalar("mem", 31)] }, tasks: [{}] },
    /at least 32 MB of mem, have 31/,
  ],
  [
    "an executor without disk",
    { executor: { resources: [scalar("cpus", 1), scalar("mem", 32)] }, tasks: [{}] },
    /executor\.resources must have disk/,
  ],
  [
    "T9: a default executor with limits for its process",
    { executor: { container: { type: 2, rlimitInfo: {} } }, tasks: [{}] },
    /executor\.container\.rlimit_info must be absent/,
  ],
  [
    "a task with another executor",
    { tasks: [{ executor: { executorId: { value: "other" } } }] },
    /task t0: executor must be absent, or that of the group/,
  ],
  [
    "T17: tasks that share cgroups beside one that does not",
    { tasks: [shared(true), shared(false)] },
    /task t1: .*share_cgroups must be the same/,
  ],
  [
    "T15: tasks with the same port",
    { tasks: [{ resources: [port(3n)] }, { resources: [port(3n)] }] },
    /task t1: resources must not overlap/,
  ],
  [
    "T15: a task with a port of the executor",
    { executor: { resources: [...executorResources, port(3n)] }, tasks: [{ resources: [port(3n)] }] },
    /overlap/,
  ],
  [
    "T16: more than is offered",
    { tasks: [{}, { resources: [scalar("cpus", 3), scalar("mem", 1)] }] },
    /resources must be in what is left of the offers: cpus: [\d.]+ asked, 4 left; left are/,
  ],
  [
    "T10: limits in a cgroup that is shared",
    { tasks: [{}, { limits: { cpus: { value: 9 } } }] },
    /task t1: limits must not be set in a group/,
  ],
  ["P2: an operation id", { tasks: [{}, {}], operation: { id: { value: "op" } } }, /operation id must not be set for a LAUNCH_GROUP/],
];

describe("the rules for a group of tasks", () => {
  for (const [title, group, message] of broken) {
    it(`${title}: none is launched, each task is told`, () => {
      const cluster = start();
      assert.match(launch(cluster, group) ?? "launched", message);
      assert.equal(free(cluster), "cpus:4;disk:1000;mem:4096;ports:[1-9]");
      assert.equal(executorsOf(cluster), 0);
    });
  }

  it("T17: a task by itself must share its cgroups, tasks of a group need not, and later groups do as the first", () => {
    const cluster = start();
    assert.equal(launch(cluster, { tasks: [shared(false), shared(false)] }), undefined);
    assert.match(
      launch(cluster, { tasks: [{ taskId: { value: "later" } }] }) ?? "",
      /share_cgroups must be as for task t0 of the same executor, is true/,
    );
    assert.equal(launch(cluster, { tasks: [{ ...shared(false), taskId: { value: "last" } }] }), undefined);
  });

  it("T3: an id that is in use fails the whole group", () => {
    const cluster = start();
    assert.equal(launch(cluster, { tasks: [{}] }), undefined);
    assert.match(
      launch(cluster, { tasks: [{ taskId: { value: "new" } }, { taskId: { value: "t0" } }] }) ?? "",
      /task t0: task_id must not be in use/,
    );
  });

  it("T13: an executor that runs must be described as before", () => {
    const cluster = start();
    assert.equal(launch(cluster, { tasks: [{}] }), undefined);
    assert.match(
      launch(cluster, { executor: { name: "other" }, tasks: [{ taskId: { value: "new" } }] }) ?? "",
      /executor must be described as before/,
    );
  });

  it("A1: on an offer that is gone each task is dropped", () => {
    const cluster = start();
    assert.match(launch(cluster, { tasks: [{}, {}], offerId: "gone" }) ?? "", /^Invalid offers/);
  });

  it("holds what its tasks and its executor need, the executor once, and gives it back when these end", () => {
    const cluster = start();
    const { driver, agent, scheduler } = cluster;
    assert.equal(launch(cluster, { tasks: [{}, {}] }), undefined);
    const [order] = driver.takeMessages(agent, "runTaskGroup");
    assert.deepEqual([order?.launchesExecutor, order?.tasks.length, order?.executor.frameworkId?.value], [true, 2, scheduler.frameworkId]);
    assert.equal(free(cluster), "cpus:1.9;disk:990;mem:4000;ports:[1-9]");
    assert.equal(launch(cluster, { tasks: [{ taskId: { value: "more" } }] }), undefined);
    assert.equal(driver.takeMessages(agent, "runTaskGroup")[0]?.launchesExecutor, false);
    assert.equal(free(cluster), "cpus:0.9;disk:990;mem:3968;ports:[1-9]");
    driver.say(agent.linkId, { kind: "exitedExecutor", frameworkId: scheduler.frameworkId, executorId: ExecutorId("E"), waitStatus: 0 });
    assert.equal(executorsOf(cluster), 0);
  });

  it("may bring an executor of the framework, which need not have commands", () => {
    const cluster = start();
    const executor = { type: ExecutorInfo_Type.CUSTOM, command: { value: "run" } };
    assert.equal(launch(cluster, { executor, tasks: [{ command: undefined }, {}] }), undefined);
    assert.equal(cluster.driver.takeMessages(cluster.agent, "runTaskGroup")[0]?.executor.command?.value, "run");
  });

  it("takes no MESSAGE for a default executor", () => {
    const cluster = start();
    const { driver, agent, scheduler } = cluster;
    assert.equal(launch(cluster, { tasks: [{}] }), undefined);
    const refusal = driver.call(scheduler, {
      kind: "message",
      executorId: ExecutorId("E"),
      agentId: agent.agentId,
      data: new Uint8Array(),
    });
    assert.match(refusal?.message ?? "", /^message\.executor_id must not be of a default executor/);
    assert.equal(driver.takeMessages(agent, "messageToExecutor").length, 0);
  });
});
