/** How far the maintenance of a machine is, in words: as rows of a table, and in one line that stays the same while nothing happens. */

import { InverseOfferStatus_Status } from "../protos/gen/mesos/v1/allocator/allocator.ts";
import { MachineInfo_Mode } from "../protos/gen/mesos/v1/mesos.ts";
import { type AgentProgress, type FrameworkProgress, type MachineProgress, MaintenancePhase } from "../protos/gen/tepui/v1/maintenance.ts";
import { machineText, minuteText, unavailabilityText } from "./maintenance-words.ts";
import { lengthText } from "./time-words.ts";

export const progressHeader: readonly string[] = ["MACHINE", "MODE", "PHASE", "WINDOW", "WHO IS THERE"];

/** What a narrow terminal shortens first. */
export const widestColumns: readonly string[] = ["WHO IS THERE"];

/** One row for the machine, and more if several are there. `nowMs`: Unix time; `windowText` says when the window is. */
export function progressRows(machine: MachineProgress, nowMs: number, windowText = unavailabilityText): string[][] {
  const { id = {}, mode, phase, unavailability, agents } = machine;
  const holders = holderTexts(agents);
  const until = emptiedBy(machine);
  const window = unavailability === undefined ? "" : windowText(unavailability, nowMs);
  const first = [
    machineText(id),
    nameOf(MachineInfo_Mode, mode),
    phaseText(phase) + (until === undefined ? "" : `, until ${until}`),
    window,
    holders[0] ?? emptyText(agents),
  ];
  return [first, ...holders.slice(1).map((holder) => ["", "", "", "", holder])];
}

/** "DRAINING, emptying until 18:30:05Z; window 2030-01-31 18:30Z for 30m; batch: 2 tasks, declined". */
export function progressLine(machine: MachineProgress): string {
  const { mode, phase, unavailability, agents } = machine;
  const until = emptiedBy(machine);
  const { start, duration } = unavailability ?? {};
  const length = duration === undefined ? "" : ` for ${lengthText(Number(duration.nanoseconds) / 1e6)}`;
  const window = `window ${minuteText(Number(start?.nanoseconds ?? 0n) / 1e6)}${length}`;
  const holders = holderTexts(agents);
  return [
    `${nameOf(MachineInfo_Mode, mode)}, ${phaseText(phase)}${until === undefined ? "" : ` until ${until}`}`,
    window,
    ...(holders.length === 0 ? [emptyText(agents)] : holders),
  ].join("; ");
}

function phaseText(phase: MaintenancePhase | undefined): string {
  return nameOf(MaintenancePhase, phase).replace("MAINTENANCE_PHASE_", "").toLowerCase();
}

/** "18:30:05Z": when what is left goes with its agents. Nobody waits for that once nothing is. */
function emptiedBy({ phase, removalTime }: MachineProgress): string | undefined {
  if (phase !== MaintenancePhase.MAINTENANCE_PHASE_EMPTYING || removalTime === undefined) return undefined;
  return `${new Date(Number(removalTime.nanoseconds) / 1e6).toISOString().slice(11, 19)}Z`;
}

function emptyText(agents: readonly AgentProgress[]): string {
  return agents.length === 0 ? "no agent" : "nobody";
}

function holderTexts(agents: readonly AgentProgress[]): string[] {
  return agents.flatMap((agent) =>
    agent.awaited === true ? ["an agent that is awaited"] : agent.frameworks.map((framework) => holderText(agent, framework)),
  );
}

/** "batch: 2 tasks, accepted". */
function holderText({ connected }: AgentProgress, framework: FrameworkProgress): string {
  const { name = "", taskCount = 0, executorCount = 0, offerCount = 0, asked, answer } = framework;
  const counts = [
    [taskCount, "task"],
    [executorCount, "executor"],
    [offerCount, "offer"],
  ] as const;
  const held = counts.flatMap(([count, noun]) => (count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`]));
  const words = held.length === 0 ? ["nothing"] : held;
  if (answer !== undefined) words.push(answer.status === InverseOfferStatus_Status.ACCEPT ? "accepted" : "declined");
  else if (asked === true) words.push("asked");
  if (connected !== true) words.push("agent disconnected");
  return `${name}: ${words.join(", ")}`;
}

function nameOf(names: Readonly<Record<string, number | string>>, value: number | undefined): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? "?";
}
