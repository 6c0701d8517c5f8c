/** The end of one task by an operator: what the KILL of its framework would do. */

import assert from "node:assert/strict";
import { FrameworkId, TaskId } from "../../../../common/ids.ts";
import { MasterDriver } from "../master-driver.ts";

describe("KILL by an operator", () => {
  function running() {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.takeMessages(agent, "runTask");
    const { frameworkId } = scheduler;
    return { driver, agent, scheduler, key: { frameworkId, taskId: TaskId("task") } };
  }

  it("reaches the agent with its grace, and the framework hears of nothing but the end", () => {
    const { driver, agent, scheduler, key } = running();
    driver.update(agent, key, "TASK_RUNNING");
    driver.takeUpdates(scheduler);
    assert.equal(driver.outcomeOf(driver.order({ kind: "killTask", ...key, graceMs: 1_500 })), "done");
    const [order] = driver.takeMessages(agent, "killTask");
    assert.deepEqual([order?.taskId, order?.graceMs], [key.taskId, 1_500]);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
    driver.takeEvents(scheduler, "forwardUpdate");
    driver.update(agent, key, "TASK_KILLED");
    assert.equal(driver.takeEvents(scheduler, "forwardUpdate").length, 1);
  });

  it("waits for an agent that is away", () => {
    const { driver, agent, key } = running();
    driver.closeLink(agent);
    assert.equal(driver.outcomeOf(driver.order({ kind: "killTask", ...key, graceMs: undefined })), "done");
    const task = {
      ...key,
      name: "task",
      resources: [],
      state: "TASK_RUNNING",
      statusUpdateState: undefined,
      statusUpdateUuid: undefined,
    } as const;
    const back = driver.reregister(agent.agentId, { tasks: [task] });
    assert.deepEqual(
      driver.takeMessages(back, "killTask").map(({ taskId }) => taskId),
      [key.taskId],
    );
  });

  it("is refused for what is not there, or has ended, and changes nothing", () => {
    const { driver, agent, scheduler, key } = running();
    const refusal = (call: Partial<typeof key>) =>
      driver.refusalOf(driver.order({ kind: "killTask", ...key, ...call, graceMs: undefined }));
    assert.deepEqual(refusal({ taskId: TaskId("other") }), {
      code: "NOT_FOUND",
      message: `kill_task.task_id must be of a task that framework ${key.frameworkId} runs, other is not`,
    });
    assert.match(refusal({ frameworkId: FrameworkId("F") })?.message ?? "", /framework_id must be of a framework of the cluster, F is not/);
    driver.update(agent, key, "TASK_FINISHED");
    driver.takeUpdates(scheduler);
    assert.match(refusal({})?.message ?? "", /must be of a task that runs, task has ended: TASK_FINISHED/);
    assert.deepEqual(driver.takeMessages(agent, "killTask"), []);
    assert.deepEqual(driver.takeUpdates(scheduler), []);
  });
});
