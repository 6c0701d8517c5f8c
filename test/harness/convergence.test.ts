import assert from "node:assert/strict";
import type { NodeStatus } from "../../harness/cluster.ts";
import { type ClusterView, findPending, findPendingProcesses } from "../../harness/convergence.ts";
import type { LeaderSnapshot } from "../../harness/history/event.ts";
import type { Framework } from "../../harness/workload/framework.ts";

const total = [
  { name: "cpus", milli: 4_000 },
  { name: "mem", milli: 4_096_000 },
];

const task = { taskId: "t1", frameworkId: "F1", agentId: "A1", state: "TASK_RUNNING", resources: [] };

const snapshot: LeaderSnapshot = {
  masterId: "M1",
  term: 1,
  registryVersion: 3,
  agents: [{ agentId: "A1", hostname: "agent-1", active: true, total, allocated: [], offered: total }],
  recoveredAgentIds: [],
  offers: [],
  tasks: [task],
  unreachableTasks: [],
  frameworks: [{ frameworkId: "F1", active: true, connected: true }],
};

const nodes: readonly NodeStatus[] = [
  { node: "master-1", kind: "master", state: "running", incarnation: 1 },
  { node: "agent-1", kind: "agent", state: "running", incarnation: 1 },
];

function framework(more: Partial<Framework> = {}): Framework {
  const live = [{ taskId: "t1", agentId: "A1", state: "TASK_RUNNING", isOver: false, toldBy: undefined, twinCount: 0 }];
  const usual = { name: "framework-1", frameworkId: "F1", isEnded: false, isSubscribed: true, unacknowledged: new Map() };
  const operations = { unacknowledged: new Map(), open: [] };
  return { ...usual, operations, liveTasks: () => live, ...more } as unknown as Framework;
}

function withOperation(state: string, agentId: string): Partial<Framework> {
  return { operations: { unacknowledged: new Map(), open: [{ operationId: "op1", agentId, state }] } } as unknown as Partial<Framework>;
}

const calm: ClusterView = { nodes, snapshot, frameworks: [framework()], unhealed: [] };

describe("findPending", () => {
  it("finds nothing in a cluster that owes nothing", () => {
    assert.deepEqual(findPending(calm), []);
  });

  it("leaves alone an operation that was unreachable with an agent that left unheard", () => {
    assert.deepEqual(findPending({ ...calm, frameworks: [framework(withOperation("OPERATION_UNREACHABLE", "A0"))] }), []);
  });

  const owing: readonly (readonly [what: string, view: ClusterView, reason: RegExp])[] = [
    ["a fault that is not seen healed", { ...calm, unhealed: ["kill on agent-1"] }, /fault is not seen healed: kill on agent-1/],
    ["a leader", { ...calm, snapshot: undefined }, /no leader answers/],
    ["an agent", { ...calm, snapshot: { ...snapshot, agents: [] } }, /0 of 1 agents are active/],
    ["a recovered agent", { ...calm, snapshot: { ...snapshot, recoveredAgentIds: ["A2"] } }, /awaited after failover: A2/],
    ["a subscription", { ...calm, frameworks: [framework({ isSubscribed: false })] }, /framework-1 is not subscribed/],
    [
      "a task that the leader forgot",
      { ...calm, snapshot: { ...snapshot, tasks: [] } },
      /t1 is TASK_RUNNING for framework-1 and the leader/,
    ],
    [
      "a task that the framework thinks over",
      { ...calm, frameworks: [framework({ liveTasks: () => [] })] },
      /t1 is .* over for framework-1/,
    ],
    [
      "an operation of an agent that is there",
      { ...calm, frameworks: [framework(withOperation("OPERATION_UNREACHABLE", "A1"))] },
      /framework-1 does not know how op1 ended/,
    ],
    [
      "an operation that waits for its agent",
      { ...calm, frameworks: [framework(withOperation("OPERATION_RECOVERING", "A0"))] },
      /framework-1 does not know how op1 ended/,
    ],
    [
      "the end of a killing",
      { ...calm, snapshot: { ...snapshot, tasks: [{ ...task, state: "TASK_KILLING" }] } },
      /t1 is still TASK_KILLING/,
    ],
    [
      "an offer of free resources",
      {
        ...calm,
        snapshot: { ...snapshot, agents: [{ agentId: "A1", hostname: "agent-1", active: true, total, allocated: [], offered: [] }] },
      },
      /agent-1 has 4 cpus/,
    ],
  ];
  for (const [what, view, reason] of owing) {
    it(`names ${what} that is owed`, () => {
      assert.match(findPending(view).join("\n"), reason);
    });
  }
});

describe("findPendingProcesses", () => {
  const live = [{ frameworkId: "F1", taskId: "t1", process: "p1" }];

  it("finds nothing when processes and tasks agree", () => {
    assert.deepEqual(findPendingProcesses([{ kind: "processes", node: "agent-1", live }], snapshot), []);
  });

  it("names a process without a task, and a task without a process", () => {
    const found = findPendingProcesses([{ kind: "processes", node: "agent-1", live: [{ ...live[0], taskId: "t2" } as never] }], snapshot);
    assert.match(found.join("\n"), /process p1 of t2 lives on agent-1/);
    assert.match(found.join("\n"), /t1 is TASK_RUNNING and has no process/);
  });
});
