/** Each invariant of the agent's state is shown able to fail, by a state that breaks only that one. */

import assert from "node:assert/strict";
import { agentDefaults } from "../../../agent/core/config.ts";
import { createState } from "../../../agent/core/create-state.ts";
import { checkInvariants } from "../../../agent/core/invariants.ts";
import type { AgentState, Task } from "../../../agent/core/state.ts";
import { addFramework, addTask } from "../../../agent/core/task-table.ts";
import { ContainerId, LinkId, Uuid } from "../../../common/ids.ts";
import type { TaskState } from "../../../common/task-state.ts";
import { agentId, frameworkId, frameworkInfo, given, task as order } from "./agent-driver.ts";

/** A running agent with one running task, as a state that is in order. */
function soundState(): { state: AgentState; task: Task } {
  const credential = Uuid("c0".repeat(16));
  const state: AgentState = {
    ...createState({ ...agentDefaults, seed: "s", newCredential: credential, resources: [], given, bootId: "boot 1" }),
    connection: { kind: "running", linkId: LinkId("l") },
    leader: { hostname: "m", grpcPort: 1 },
    lastLinkNumber: 1,
    pingByMs: 1,
    agentId,
    isAgentIdDurable: true,
  };
  addFramework(state, frameworkId, frameworkInfo());
  const task = addTask(state, {
    frameworkId,
    taskId: order("t").taskId,
    toRun: order("t"),
    containerId: ContainerId("c"),
    state: "TASK_RUNNING",
  });
  task.container = "running";
  addUpdate(task, "TASK_RUNNING", true);
  return { state, task };
}

function addUpdate(task: Task, state: TaskState, isDurable: boolean): void {
  const uuid = Uuid(String(task.updates.length).repeat(32));
  const status = { taskId: task.taskId, state, source: "SOURCE_EXECUTOR", uuid, timestampMs: 0 } as const;
  task.updates.push({ uuid, status, isDurable, isFromExecutor: false });
  task.latestState = state;
}

describe("checkInvariants()", () => {
  it("finds nothing wrong with a sound state", () => {
    checkInvariants(soundState().state);
  });

  const broken: { name: string; breakIt: (state: AgentState, task: Task) => void; says: RegExp }[] = [
    { name: "running without a durable id", breakIt: (state) => (state.isAgentIdDurable = false), says: /without a durable id/ },
    {
      name: "a container of nobody",
      breakIt: (state, task) => state.containers.set(ContainerId("x"), task),
      says: /container x is listed/,
    },
    { name: "a live task without its container", breakIt: (state) => state.containers.clear(), says: /of live task .* is not listed/ },
    { name: "a forgotten task with a container", breakIt: (state) => state.tasks.clear(), says: /which is forgotten/ },
    {
      name: "a framework without a task",
      breakIt: (state) => state.frameworks.get(frameworkId)?.tasks.clear(),
      says: /kept without a task/,
    },
    {
      name: "an update after the end",
      breakIt: (_, task) => {
        addUpdate(task, "TASK_FINISHED", true);
        addUpdate(task, "TASK_RUNNING", true);
      },
      says: /has an update after its end/,
    },
    {
      name: "an order of durability that no disk gives",
      breakIt: (_, task) => {
        const first = task.updates[0];
        if (first !== undefined) first.isDurable = false;
        addUpdate(task, "TASK_KILLING", true);
      },
      says: /update 1 is durable before update 0/,
    },
    {
      name: "a durable end whose container is kept",
      breakIt: (_, task) => {
        addUpdate(task, "TASK_FINISHED", true);
        task.durableState = "TASK_FINISHED";
      },
      says: /is durable and its container is kept/,
    },
    {
      name: "a retry of what may not be said",
      breakIt: (state, task) => {
        task.isAcknowledging = true;
        state.retries.set(task, 1);
      },
      says: /retries what it may not say/,
    },
    {
      name: "retries without a master",
      breakIt: (state, task) => {
        state.retries.set(task, 1);
        state.connection = { kind: "disconnected" };
      },
      says: /1 updates are retried while the agent is disconnected/,
    },
    { name: "changes that nobody writes", breakIt: (state) => state.checkpoint.dirty.add("agent"), says: /changes wait without a batch/ },
    {
      name: "a state without its update",
      breakIt: (_, task) => (task.latestState = "TASK_KILLING"),
      says: /is TASK_KILLING, its newest update TASK_RUNNING/,
    },
  ];
  for (const { name, breakIt, says } of broken) {
    it(`finds ${name}`, () => {
      const { state, task } = soundState();
      breakIt(state, task);
      assert.throws(() => checkInvariants(state), says);
    });
  }
});
