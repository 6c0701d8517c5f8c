/** Something breaks, for a while. Which faults there are, the run says. */

import fc from "fast-check";
import { type CommandKind, position } from "../command.ts";

export interface FaultStep {
  readonly kind: "fault";
  readonly name: string;
  /** Position among the targets that fit, or the name of one. */
  readonly target: number | string;
  readonly durationMs: number;
  /** Whether agents on which tasks run are hit before others. Absent in older plans. */
  readonly atTasks?: boolean;
  /** Whether nothing else is done until it is over and whoever it hit is back. Absent in older plans. */
  readonly waits?: boolean;
}

export interface FaultChoice {
  /** At least one. */
  readonly names: readonly string[];
  /** How long a node is silent until everybody has given it up. Absent: no silence lasts so long on purpose. */
  readonly silenceMs?: number;
}

/** Faults that make an agent silent, and leave it its life. */
const silencePattern = /^(cut|pause)-agent$/;

/** The command that every agent has, whatever runs on it. */
const drainNow = "drain-now";

/** After the end of a fault: until whoever it hit is back. */
const returnMs = 5_000;

export function faultCommand({ names, silenceMs }: FaultChoice): CommandKind<FaultStep> {
  const any = fc.record({
    kind: fc.constant("fault" as const),
    name: fc.constantFrom(...names),
    target: position,
    // What lasts longer keeps everything else of a run from being judged.
    durationMs: fc.constantFrom(10, 300, 2_000, 12_000, 30_000),
    atTasks: fc.boolean(),
  });
  const aimed = fc.record({ kind: fc.constant("fault" as const), target: position, atTasks: fc.constant(true) });
  // By chance alone no agent with tasks is silent for so long, and few that have some are drained.
  const silent = names.filter((name) => silencePattern.test(name));
  const silence = fc
    .tuple(aimed, fc.constantFrom(...(silent.length > 0 ? silent : names)))
    .map(([step, name]): FaultStep => ({ ...step, name, durationMs: silenceMs ?? 0, waits: true }));
  const drain = fc
    .tuple(aimed, fc.constantFrom(300, 2_000, 12_000))
    .map(([step, durationMs]): FaultStep => ({ ...step, name: drainNow, durationMs }));
  return {
    arbitrary: fc.oneof(
      { weight: 6, arbitrary: any },
      { weight: silenceMs === undefined || silent.length === 0 ? 0 : 10, arbitrary: silence },
      { weight: names.includes(drainNow) ? 5 : 0, arbitrary: drain },
    ),
    check: (world, { waits }) => world.faults !== undefined && (waits !== true || world.busyNodes().size > 0),
    async run(world, { name, target, durationMs, atTasks, waits }) {
      const preferred = atTasks === true ? world.busyNodes() : undefined;
      const hasBegun = (await world.faults?.begin(name, { target, durationMs, preferred })) ?? false;
      if (hasBegun && waits === true) await world.advance(durationMs + returnMs);
    },
  };
}
