/** What a watched maintenance does from one look to the next, and whether it is as far as the watcher waits for. */

import { type MachineID, MachineInfo_Mode } from "../protos/gen/mesos/v1/mesos.ts";
import { type MachineProgress, MaintenancePhase } from "../protos/gen/tepui/v1/maintenance.ts";
import { progressLine } from "./maintenance-progress.ts";
import { machineText } from "./maintenance-words.ts";

/** Of one machine; without `progress` it is not in the schedule any more. */
export interface MachineChange {
  readonly machine: string;
  readonly progress: MachineProgress | undefined;
  readonly text: string;
}

export class MaintenanceChanges {
  #texts: ReadonlyMap<string, string> = new Map();

  /** What is different from the last look; at the first look that is all there is. */
  look(machines: readonly MachineProgress[]): MachineChange[] {
    const before = this.#texts;
    const changes = machines.map((progress) => ({ machine: machineText(progress.id ?? {}), progress, text: progressLine(progress) }));
    this.#texts = new Map(changes.map(({ machine, text }) => [machine, text]));
    const ended = [...before.keys()].filter((machine) => !this.#texts.has(machine));
    return [
      ...changes.filter(({ machine, text }) => before.get(machine) !== text),
      ...ended.map((machine) => ({ machine, progress: undefined, text: "UP, out of the schedule" })),
    ];
  }
}

/** Those of the machines that are watched: all if none is named. One that is named by its hostname only may have any address. */
export function watchedOf(machines: readonly MachineProgress[], names: readonly MachineID[]): readonly MachineProgress[] {
  return names.length === 0 ? machines : machines.filter(({ id = {} }) => names.some((name) => isMeant(name, id)));
}

function isMeant(name: MachineID, id: MachineID): boolean {
  const [wanted, actual] = [name, id].map(({ hostname, ip }) => ({
    hostname: hostname === undefined ? undefined : machineText({ hostname }),
    ip: ip === undefined ? undefined : machineText({ ip }),
  }));
  return (wanted?.hostname === undefined || wanted.hostname === actual?.hostname) && (wanted?.ip === undefined || wanted.ip === actual?.ip);
}

export const goals = ["empty", "down", "up"] as const;

export type Goal = (typeof goals)[number];

/** Whether each watched machine is as far. Without a window a machine is up, and neither empty nor down. */
export function isReached(goal: Goal, machines: readonly MachineProgress[], names: readonly MachineID[]): boolean {
  const watched = watchedOf(machines, names);
  if (goal === "up") return watched.length === 0;
  const areAllThere = names.length === 0 ? watched.length > 0 : names.every((name) => watched.some(({ id = {} }) => isMeant(name, id)));
  return areAllThere && watched.every((machine) => (goal === "down" ? isDown(machine) : isDown(machine) || isEmpty(machine)));
}

/** The phase of a machine whose window is over says so and nothing else; its mode says whether it is DOWN. */
function isDown({ mode }: MachineProgress): boolean {
  return mode === MachineInfo_Mode.DOWN;
}

function isEmpty({ phase, agents }: MachineProgress): boolean {
  if (phase === MaintenancePhase.MAINTENANCE_PHASE_EMPTY) return true;
  const isHeld = agents.some(
    ({ awaited, frameworks }) =>
      awaited === true || frameworks.some(({ taskCount = 0, executorCount = 0 }) => taskCount + executorCount > 0),
  );
  return phase === MaintenancePhase.MAINTENANCE_PHASE_OVER && !isHeld;
}
