import assert from "node:assert/strict";
import { eventText } from "../../cli/event-text.ts";
import { Event, Event_Type } from "../../protos/gen/mesos/v1/master/master.ts";
import { TaskState } from "../../protos/gen/mesos/v1/mesos.ts";

const frameworkInfo = { id: { value: "F" }, name: "batch", user: "u" };

describe("eventText()", () => {
  type Case = readonly [event: Parameters<typeof Event.fromPartial>[0], text: string | undefined];
  const cases: readonly Case[] = [
    [
      { type: Event_Type.SUBSCRIBED, subscribed: { getState: { getAgents: { agents: [{}] }, getTasks: { tasks: [{}, {}] } } } },
      "there are 1 agent, 0 frameworks, 2 tasks; what changes follows",
    ],
    [
      { type: Event_Type.AGENT_ADDED, agentAdded: { agent: { agentInfo: { id: { value: "S0" }, hostname: "host-a" }, active: true } } },
      "agent S0 (host-a) is active",
    ],
    [{ type: Event_Type.AGENT_REMOVED, agentRemoved: { agentId: { value: "S0" } } }, "agent S0 is removed"],
    [
      { type: Event_Type.FRAMEWORK_UPDATED, frameworkUpdated: { framework: { frameworkInfo, connected: false } } },
      "framework F (batch) is disconnected",
    ],
    [{ type: Event_Type.FRAMEWORK_REMOVED, frameworkRemoved: { frameworkInfo } }, "framework F (batch) has ended"],
    [
      {
        type: Event_Type.TASK_ADDED,
        taskAdded: {
          task: { taskId: { value: "t" }, frameworkId: { value: "F" }, agentId: { value: "S0" }, state: TaskState.TASK_STAGING },
        },
      },
      "task t of F on S0 is staging",
    ],
    [
      {
        type: Event_Type.TASK_UPDATED,
        taskUpdated: { frameworkId: { value: "F" }, status: { taskId: { value: "t" }, message: "why" }, state: TaskState.TASK_LOST },
      },
      "task t of F is lost: why",
    ],
    [{ type: Event_Type.HEARTBEAT }, undefined],
  ];
  for (const [event, text] of cases) {
    it(`says ${text === undefined ? "nothing of a heartbeat" : `"${text}"`}`, () =>
      assert.equal(eventText(Event.fromPartial(event)), text));
  }
});
