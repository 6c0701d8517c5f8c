/** What counts as an effect of a refused call, and what moves by itself. */

import assert from "node:assert/strict";
import { findEffects, readFacts } from "../../../harness/fuzz/refusal-effects.ts";
import { Response_GetState } from "../../../protos/gen/mesos/v1/master/master.ts";

type State = Parameters<typeof Response_GetState.fromPartial>[0];

const stage = { frameworkId: "F1", agentId: "A1" };

function facts({
  offers = ["O1"],
  task = 1,
  role = "fuzz",
  active = true,
}: {
  offers?: string[];
  task?: number;
  role?: string;
  active?: boolean;
}) {
  const ids = { frameworkId: { value: "F1" }, agentId: { value: "A1" } };
  const state: State = {
    getFrameworks: {
      frameworks: [
        {
          frameworkInfo: { user: "u", name: "n", id: { value: "F1" }, roles: [role] },
          active: true,
          connected: true,
          recovered: false,
          offers: offers.map((value) => ({ id: { value }, ...ids, hostname: "h" })),
        },
        { frameworkInfo: { user: "u", name: "gone", id: { value: "F0" } }, active: false, connected: false, recovered: false },
      ],
    },
    getTasks: { [task === 1 ? "tasks" : "completedTasks"]: [{ name: "t", taskId: { value: "t1" }, ...ids, state: task }] },
    getAgents: { agents: [{ agentInfo: { hostname: "h", id: { value: "A1" } }, active, version: "0" }] },
  };
  return readFacts(Response_GetState.fromPartial(state), stage);
}

describe("findEffects()", () => {
  const before = facts({});

  it("takes what moves by itself for no effect: new offers, tasks that go on and end", () => {
    assert.deepEqual(findEffects(before, facts({ offers: ["O1", "O2"], task: 2 })), []);
  });

  it("names an offer that is gone, a framework that is another, an agent that is out", () => {
    assert.deepEqual(findEffects(before, facts({ offers: [] })), ["offer O1 was held, is gone"]);
    assert.equal(findEffects(before, facts({ role: "web" })).length, 1);
    assert.deepEqual(findEffects(before, facts({ active: false })), ["agent A1 was active, is not active"]);
  });

  it("names what is new", () => {
    const empty = readFacts(Response_GetState.fromPartial({}), stage);
    assert.ok(findEffects(empty, before).includes("task t1 is new"));
  });
});
