/** What counts as a change of a watched maintenance, and when it is as far as somebody waits for. */

import assert from "node:assert/strict";
import { type Goal, isReached, MaintenanceChanges, watchedOf } from "../../cli/maintenance-changes.ts";
import { parseMachine } from "../../cli/maintenance-words.ts";
import { MachineInfo_Mode } from "../../protos/gen/mesos/v1/mesos.ts";
import { MachineProgress, MaintenancePhase } from "../../protos/gen/tepui/v1/maintenance.ts";

type Fields = Parameters<typeof MachineProgress.fromPartial>[0];

const startNs = BigInt(Date.parse("2030-01-31T18:30:00Z")) * 1_000_000n;

function machine(id: Fields["id"], fields: Fields = {}): MachineProgress {
  return MachineProgress.fromPartial({
    id,
    mode: MachineInfo_Mode.DRAINING,
    phase: MaintenancePhase.MAINTENANCE_PHASE_ASKING,
    unavailability: { start: { nanoseconds: startNs }, duration: { nanoseconds: 1_800_000_000_000n } },
    ...fields,
  });
}

const a = { hostname: "a", ip: "10.0.0.1" };
const agentWith = (taskCount: number) => [{ agentId: { value: "S0" }, connected: true, frameworks: [{ name: "batch", taskCount }] }];

describe("changes of maintenance", () => {
  it("are everything at first, then what differs, and at last that a machine is up", () => {
    const changes = new MaintenanceChanges();
    const texts = (...machines: MachineProgress[]) => changes.look(machines).map(({ machine: name, text }) => `${name} ${text}`);
    const window = "window 2030-01-31 18:30Z for 30m";
    assert.deepEqual(texts(machine(a, { agents: agentWith(2) }), machine({ hostname: "b" })), [
      `a/10.0.0.1 DRAINING, asking; ${window}; batch: 2 tasks`,
      `b DRAINING, asking; ${window}; no agent`,
    ]);
    assert.deepEqual(texts(machine(a, { agents: agentWith(2) }), machine({ hostname: "b" })), []);
    const emptying = { phase: MaintenancePhase.MAINTENANCE_PHASE_EMPTYING, removalTime: { nanoseconds: startNs + 5_000_000_000n } };
    assert.deepEqual(texts(machine(a, { ...emptying, agents: agentWith(1) }), machine({ hostname: "b" })), [
      `a/10.0.0.1 DRAINING, emptying until 18:30:05Z; ${window}; batch: 1 task`,
    ]);
    assert.deepEqual(texts(machine(a, { ...emptying, agents: [{ awaited: true }] })), [
      `a/10.0.0.1 DRAINING, emptying until 18:30:05Z; ${window}; an agent that is awaited`,
      "b UP, out of the schedule",
    ]);
    const empty = {
      ...emptying,
      phase: MaintenancePhase.MAINTENANCE_PHASE_EMPTY,
      agents: agentWith(0).map((agent) => ({ ...agent, frameworks: [] })),
    };
    assert.deepEqual(texts(machine(a, empty)), [`a/10.0.0.1 DRAINING, empty; ${window}; nobody`]);
  });

  it("are told of the machines that were named, by any of their names", () => {
    const machines = [machine(a), machine({ hostname: "b" })];
    const watched = (...names: string[]) => watchedOf(machines, names.map(parseMachine)).map(({ id }) => id?.hostname);
    assert.deepEqual(
      [watched(), watched("A"), watched("10.0.0.1"), watched("a/10.0.0.1"), watched("a/10.0.0.2"), watched("b", "a")],
      [["a", "b"], ["a"], ["a"], ["a"], [], ["a", "b"]],
    );
  });
});

describe("a goal", () => {
  const phases = MaintenancePhase;
  const empty = { phase: phases.MAINTENANCE_PHASE_EMPTY };
  const down = { mode: MachineInfo_Mode.DOWN, phase: phases.MAINTENANCE_PHASE_DOWN };
  const over = { phase: phases.MAINTENANCE_PHASE_OVER };
  const cases: readonly [title: string, fields: Fields, reached: readonly Goal[]][] = [
    ["asks", {}, []],
    ["asks, and nobody is there", { agents: agentWith(0) }, []],
    ["empties", { phase: phases.MAINTENANCE_PHASE_EMPTYING, agents: agentWith(1) }, []],
    ["is empty", { ...empty, agents: agentWith(0) }, ["empty"]],
    ["is down", down, ["empty", "down"]],
    ["is down after its window", { ...down, ...over }, ["empty", "down"]],
    ["has tasks after its window", { ...over, agents: agentWith(1) }, []],
    ["has an agent that is awaited after its window", { ...over, agents: [{ awaited: true }] }, []],
    ["is empty after its window", { ...over, agents: agentWith(0) }, ["empty"]],
  ];
  const reachedBy = (machines: readonly MachineProgress[], ...names: string[]) =>
    (["empty", "down", "up"] as const).filter((goal) => isReached(goal, machines, names.map(parseMachine)));

  for (const [title, fields, reached] of cases) {
    it(`of a machine that ${title}`, () => assert.deepEqual(reachedBy([machine(a, fields)], "a"), reached));
  }

  it("is reached when all machines have reached it, and those that are not meant do not count", () => {
    const machines = [machine(a, down), machine({ hostname: "b" })];
    assert.deepEqual([reachedBy(machines), reachedBy(machines, "a"), reachedBy(machines, "a", "b")], [[], ["empty", "down"], []]);
  });

  it("is up alone where there is no window", () => {
    assert.deepEqual([reachedBy([]), reachedBy([], "a"), reachedBy([machine(a, down)], "a", "c")], [["up"], ["up"], []]);
  });
});
