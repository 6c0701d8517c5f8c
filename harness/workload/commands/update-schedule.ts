/** UPDATE_MAINTENANCE_SCHEDULE: an operator plans windows for machines, moves them, cancels them, or gets something wrong. */

import fc from "fast-check";
import type { MachineJson, UnavailabilityJson, WindowJson } from "../../history/maintenance-json.ts";
import { type CommandKind, position } from "../command.ts";
import type { Naming } from "../maintenance-plan.ts";
import { at, type World } from "../world.ts";

export interface UpdateScheduleStep {
  readonly kind: "updateSchedule";
  /** What becomes of the windows that there are. Machines that are DOWN stay in all but "forgetDown". */
  readonly change: "replace" | "add" | "move" | "repeat" | "cancel" | "forgetDown";
  /** Of "replace" and "add". */
  readonly windows: readonly PlannedWindow[];
  /** Of "move": by how much everything begins later. */
  readonly laterMs: number;
  /** Whether it is to be obeyed only if the schedule is what the operator takes it for. */
  readonly isChecked: boolean;
  /** Null: nothing is wrong with its form. */
  readonly mistake: "noMachine" | "twice" | "badIp" | "noName" | "negativeDuration" | null;
  /** Whether the windows are those of machines on which tasks run, if there are such. Absent in older plans. */
  readonly atTasks?: boolean;
  /** Whether nothing else is done until every window has begun that soon begins, and has taken what is there. Absent in older plans. */
  readonly waits?: boolean;
}

interface PlannedWindow {
  readonly machines: readonly number[];
  readonly naming: Naming;
  readonly startsInMs: number;
  /** Null: open. */
  readonly durationMs: number | null;
}

const naming = fc.constantFrom<Naming>("hostname", "ip", "both");

const plannedWindow = fc.record({
  machines: fc.array(position, { minLength: 1, maxLength: 2 }),
  naming,
  startsInMs: fc.constantFrom(600_000, 600_000, 60_000, 60_000, 20_000, 20_000, 5_000, 1_000, 0, -60_000),
  durationMs: fc.constantFrom(null, null, null, 60_000, 10_000, 0),
});

/** A window that lets nobody return what runs there, which by chance alone few windows find. */
const surprise = fc.record({
  kind: fc.constant("updateSchedule" as const),
  change: fc.constantFrom<UpdateScheduleStep["change"]>("replace", "add"),
  windows: fc.array(
    fc.record({
      machines: fc.array(position, { minLength: 1, maxLength: 1 }),
      naming,
      startsInMs: fc.constantFrom(4_000, 8_000),
      durationMs: fc.constantFrom(null, 60_000),
    }),
    { minLength: 1, maxLength: 1 },
  ),
  laterMs: fc.constant(0),
  isChecked: fc.constant(false),
  mistake: fc.constant(null),
  atTasks: fc.constant(true),
  waits: fc.constant(true),
});

const anyUpdate: fc.Arbitrary<UpdateScheduleStep> = fc.record({
  kind: fc.constant("updateSchedule" as const),
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constant<UpdateScheduleStep["change"]>("replace") },
    { weight: 4, arbitrary: fc.constantFrom<UpdateScheduleStep["change"]>("add", "move", "cancel") },
    { weight: 1, arbitrary: fc.constantFrom<UpdateScheduleStep["change"]>("repeat", "forgetDown") },
  ),
  windows: fc.array(plannedWindow, { minLength: 1, maxLength: 3 }),
  laterMs: fc.constantFrom(60_000, 5_000, -5_000),
  isChecked: fc.boolean(),
  mistake: fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom("noMachine", "twice", "badIp", "noName", "negativeDuration") },
  ),
});

export const updateSchedule: CommandKind<UpdateScheduleStep> = {
  arbitrary: fc.oneof({ weight: 1, arbitrary: anyUpdate }, { weight: 1, arbitrary: surprise }),
  check: (world, { waits }) => world.operator.maintenance.nodes.length > 0 && (waits !== true || world.busyNodes().size > 0),
  async run(world, step) {
    const expected = step.isChecked ? { expected: world.operator.maintenance.windows } : {};
    world.operator.orderMaintenance({ kind: "updateSchedule", windows: withMistake(plan(world, step), step), ...expected });
    if (step.waits === true) await world.advance(Math.max(...step.windows.map(({ startsInMs }) => startsInMs)) + takenMs);
  },
};

/** From the beginning of a window, by whatever clock, until tasks are over that have the usual grace. */
const takenMs = 10_000;

function plan(world: World, step: UpdateScheduleStep): readonly WindowJson[] {
  const { change, laterMs } = step;
  const { maintenance } = world.operator;
  switch (change) {
    case "replace":
      return merged(maintenance.down, toWindows(world, step));
    case "add":
      return merged(maintenance.windows, toWindows(world, step));
    case "move":
      return maintenance.windows.map(({ machines, unavailability }) => ({ machines, unavailability: moved(unavailability, laterMs) }));
    case "repeat":
      return maintenance.windows;
    case "cancel":
      return maintenance.down;
    case "forgetDown":
      return [];
  }
}

function moved({ startAtMs, ...rest }: UnavailabilityJson, laterMs: number): UnavailabilityJson {
  return { startAtMs: startAtMs + laterMs, ...rest };
}

function toWindows(world: World, { windows, atTasks }: UpdateScheduleStep): WindowJson[] {
  const { maintenance } = world.operator;
  const busy = atTasks === true ? [...world.busyNodes()] : [];
  const nodes = busy.length > 0 ? busy : maintenance.nodes;
  const nowMs = Math.round(world.cluster.nowMs());
  return windows.map(({ machines, naming: how, startsInMs, durationMs }) => ({
    machines: machines.map((machine) => maintenance.machineOf(at(nodes, machine), how)),
    unavailability: { startAtMs: nowMs + startsInMs, ...(durationMs === null ? {} : { durationMs }) },
  }));
}

/** The new windows beside the old ones, without the machines that are there already under any name. */
function merged(old: readonly WindowJson[], planned: readonly WindowJson[]): WindowJson[] {
  const taken = old.flatMap(({ machines }) => machines);
  const fresh = planned.flatMap(({ machines, unavailability }) => {
    const own: MachineJson[] = [];
    for (const machine of machines) {
      if (taken.some((other) => mayBeSame(other, machine))) continue;
      taken.push(machine);
      own.push(machine);
    }
    return own.length === 0 ? [] : [{ machines: own, unavailability }];
  });
  return [...old, ...fresh];
}

function mayBeSame(left: MachineJson, right: MachineJson): boolean {
  const isSame = (one: string | undefined, other: string | undefined): boolean => one !== undefined && one === other;
  return isSame(left.hostname, right.hostname) || isSame(left.ip, right.ip);
}

function withMistake(windows: readonly WindowJson[], { mistake }: UpdateScheduleStep): readonly WindowJson[] {
  const unavailability: UnavailabilityJson = { startAtMs: 0 };
  const machines: readonly MachineJson[] = windows[0]?.machines ?? [{ hostname: "machine-of-nobody" }];
  switch (mistake) {
    case null:
      return windows;
    case "noMachine":
      return [...windows, { machines: [], unavailability }];
    case "twice":
      return [...windows, { machines, unavailability }, { machines, unavailability }];
    case "badIp":
      return [...windows, { machines: [{ ip: "10.0.0" }], unavailability }];
    case "noName":
      return [...windows, { machines: [{}], unavailability }];
    case "negativeDuration":
      return [...windows, { machines: [{ hostname: "machine-of-nobody" }], unavailability: { startAtMs: 0, durationMs: -1 } }];
  }
}
