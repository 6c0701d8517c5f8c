/** Executors in the master's books: launched with their first task, held until they end, the same after every kind of loss. */

import assert from "node:assert/strict";
import { ExecutorId, TaskId } from "../../../common/ids.ts";
import { describeResources, type Resources, toResources } from "../../../common/resources.ts";
import { ExecutorInfo, TaskInfo } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { ExecutorDescription, TaskDescription } from "../../../server/core/calls/call.ts";
import { type ConnectedAgent, cpusAndMem, describeFramework, MasterDriver, reportTask, type Scheduler } from "./master-driver.ts";

const executorId = ExecutorId("E");

function executor(fields: Partial<ExecutorDescription> & { name?: string; frameworkId?: string } = {}): ExecutorDescription {
  const { name, frameworkId, ...rest } = fields;
  const info = ExecutorInfo.fromPartial({
    executorId: { value: executorId },
    command: { value: "run" },
    name,
    ...(frameworkId === undefined ? {} : { frameworkId: { value: frameworkId } }),
  });
  return { executorId, resources: cpusAndMem(0.5, 128), info, ...rest };
}

function withExecutor(id: string, one: ExecutorDescription, resources: Resources = cpusAndMem(1, 512)): Partial<TaskDescription> {
  const info = TaskInfo.create({ name: id, taskId: { value: id }, executor: one.info });
  return { taskId: TaskId(id), executor: one, resources, info };
}

function start() {
  const driver = new MasterDriver().lead();
  const agent = driver.register(cpusAndMem(4, 4_096));
  const scheduler = driver.subscribe({ partitionAware: true });
  return { driver, agent, scheduler };
}

function launch(driver: MasterDriver, scheduler: Scheduler, task: Partial<TaskDescription>): string | undefined {
  const offer = driver.takeOffers(scheduler)[0];
  assert.ok(offer !== undefined, "an offer");
  driver.launch(scheduler, offer, task);
  const problem = driver.takeUpdates(scheduler).find(({ state }) => state === "TASK_ERROR")?.message;
  driver.advance(1_000);
  return problem;
}

function offered(driver: MasterDriver, scheduler: Scheduler): string {
  return describeResources(
    (driver.takeOffers(scheduler).at(-1)?.resources ?? []).map(({ allocationRole: _role, ...resource }) => resource),
  );
}

const executorsOf = (driver: MasterDriver): (string | undefined)[] =>
  driver.operator("getExecutors").executors.executors.map(({ executorInfo }) => executorInfo?.executorId?.value);

function exited(driver: MasterDriver, { linkId }: ConnectedAgent, { frameworkId }: Scheduler, waitStatus = 256): void {
  driver.say(linkId, { kind: "exitedExecutor", frameworkId, executorId, waitStatus });
}

describe("an executor in the master's books", () => {
  it("P8: uses offered resources with its first task only, and the agent hears which is the first", () => {
    const { driver, agent, scheduler } = start();
    assert.equal(launch(driver, scheduler, withExecutor("t1", executor())), undefined);
    const offer = driver.takeOffer(scheduler);
    assert.deepEqual(offer.executorIds, ["E"]);
    driver.launch(scheduler, offer, withExecutor("t2", executor()));
    driver.advance(1_000);
    assert.equal(offered(driver, scheduler), "cpus:1.5;mem:2944");
    const orders = driver.takeMessages(agent, "runTask");
    assert.deepEqual(
      orders.map(({ launchesExecutor, task }) => [launchesExecutor, task.executor?.frameworkId?.value]),
      [
        [true, scheduler.frameworkId],
        [false, scheduler.frameworkId],
      ],
    );
    assert.deepEqual(executorsOf(driver), ["E"]);
    assert.deepEqual(
      driver.operator("getState").state.getTasks?.tasks.map((task) => task.executorId?.value),
      ["E", "E"],
    );
  });

  it("holds its resources when its tasks have ended, until the agent says that it has ended, too", () => {
    const { driver, agent, scheduler } = start();
    launch(driver, scheduler, withExecutor("t1", executor()));
    driver.update(agent, { frameworkId: scheduler.frameworkId, taskId: TaskId("t1") }, "TASK_FINISHED");
    driver.takeOffers(scheduler);
    assert.deepEqual(executorsOf(driver), ["E"]);
    exited(driver, agent, scheduler);
    assert.deepEqual(driver.takeEvents(scheduler, "failure"), [{ kind: "failure", agentId: agent.agentId, executorId, status: 256 }]);
    assert.deepEqual(executorsOf(driver), []);
    exited(driver, agent, scheduler);
    assert.deepEqual(driver.takeEvents(scheduler, "failure"), [], "it is told once");
  });

  const port: Resources = toResources([{ name: "ports", value: { kind: "ranges", ranges: [{ begin: 80, end: 80 }] }, reservations: [] }]);
  const bad: readonly [name: string, task: Partial<TaskDescription>, problem: RegExp][] = [
    ["of another framework", withExecutor("t", executor({ frameworkId: "F" })), /executor\.framework_id must be .*, is F/],
    [
      "with more than is left together with its task",
      withExecutor("t", executor({ resources: cpusAndMem(3.5, 128) })),
      /must be in what is left/,
    ],
  ];
  for (const [name, task, problem] of bad) {
    it(`is refused ${name}, with its task`, () => {
      const { driver, agent, scheduler } = start();
      assert.match(launch(driver, scheduler, task) ?? "", problem);
      assert.deepEqual(executorsOf(driver), []);
      assert.deepEqual(driver.takeMessages(agent, "runTask"), []);
    });
  }

  it("T15: is refused with a port that its task has, with its task", () => {
    const { driver, scheduler } = start();
    const task = withExecutor("t", executor({ resources: port }), [...cpusAndMem(1, 512), ...port]);
    assert.match(launch(driver, scheduler, task) ?? "", /must not overlap, both have some of ports/);
    assert.deepEqual(executorsOf(driver), []);
  });

  it("T13: must be described as it was before while it runs, and may be another one afterwards", () => {
    const { driver, agent, scheduler } = start();
    launch(driver, scheduler, withExecutor("t1", executor({ name: "one" })));
    assert.match(launch(driver, scheduler, withExecutor("t2", executor({ name: "other" }))) ?? "", /must be described as before/);
    exited(driver, agent, scheduler);
    driver.advance(1_000);
    assert.equal(launch(driver, scheduler, withExecutor("t3", executor({ name: "other" }))), undefined);
  });

  it("goes with its agent, and comes back with it", () => {
    const { driver, agent, scheduler } = start();
    launch(driver, scheduler, withExecutor("t1", executor()));
    const { frameworkId } = scheduler;
    const reported = { frameworkId, executorId, resources: cpusAndMem(0.5, 128), info: executor().info };
    const task = reportTask(frameworkId, { taskId: TaskId("t1"), executorId });
    const framework = { frameworkId, framework: describeFramework({ partitionAware: true }) };
    driver.closeLink(agent);
    const back = driver.reregister(agent.agentId, { frameworks: [framework], tasks: [task], executors: [reported] });
    assert.deepEqual(executorsOf(driver), ["E"]);
    driver.closeLink(back);
    driver.advance(700_000);
    assert.deepEqual(executorsOf(driver), [], "an unreachable agent's executors hold nothing");
    driver.reregister(agent.agentId, { frameworks: [framework], tasks: [task], executors: [reported] });
    assert.deepEqual(executorsOf(driver), ["E"]);
    driver.advance(1_000);
    assert.equal(offered(driver, scheduler), "cpus:2.5;mem:3456");
  });

  it("that a returning agent does not have any more goes without a word", () => {
    const { driver, agent, scheduler } = start();
    launch(driver, scheduler, withExecutor("t1", executor()));
    driver.closeLink(agent);
    driver.reregister(agent.agentId);
    assert.deepEqual(executorsOf(driver), []);
    assert.deepEqual(driver.takeEvents(scheduler, "failure"), []);
  });

  it("is known to a new master from its agent", () => {
    const { driver, agent, scheduler } = start();
    const { frameworkId } = scheduler;
    const next = new MasterDriver({}, driver.registry).lead();
    const reported = { frameworkId, executorId, resources: cpusAndMem(0.5, 128), info: executor().info };
    next.reregister(agent.agentId, { frameworks: [{ frameworkId, framework: describeFramework({}) }], executors: [reported] });
    assert.deepEqual(executorsOf(next), ["E"]);
  });

  it("ends with its framework", () => {
    const { driver, agent, scheduler } = start();
    launch(driver, scheduler, withExecutor("t1", executor()));
    driver.call(scheduler, { kind: "teardown" });
    assert.deepEqual(executorsOf(driver), []);
    assert.equal(driver.takeMessages(agent, "shutdownFramework").length, 1);
  });

  it("is reached by SHUTDOWN and MESSAGE through its agent, and speaks to its scheduler", () => {
    const { driver, agent, scheduler } = start();
    const { agentId } = agent;
    const { frameworkId } = scheduler;
    const data = new Uint8Array([7]);
    assert.equal(driver.call(scheduler, { kind: "message", executorId, agentId, data }), undefined);
    assert.equal(driver.call(scheduler, { kind: "shutdown", executorId, agentId }), undefined);
    assert.deepEqual(driver.takeMessages(agent, "messageToExecutor"), [{ kind: "messageToExecutor", frameworkId, executorId, data }]);
    assert.deepEqual(driver.takeMessages(agent, "shutdownExecutor"), [{ kind: "shutdownExecutor", frameworkId, executorId }]);
    driver.say(agent.linkId, { kind: "executorMessage", frameworkId, executorId, data });
    assert.deepEqual(driver.takeEvents(scheduler, "message"), [{ kind: "message", agentId, executorId, data }]);
  });
});
