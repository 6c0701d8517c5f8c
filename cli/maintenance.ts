/** `tepui maintenance`: windows in which machines are taken out of service, from the plan to the machine's return. */

import { Command, InvalidArgumentError } from "commander";

import { CallError } from "../client/call-error.ts";
import type { OperatorClient } from "../client/operator-client.ts";
import type { Window } from "../protos/gen/mesos/v1/maintenance/maintenance.ts";
import type { MachineID } from "../protos/gen/mesos/v1/mesos.ts";
import { MaintenanceProgress } from "../protos/gen/tepui/v1/maintenance.ts";
import { exitForUsage } from "../runtime/flags.ts";
import { withExamples } from "./examples.ts";
import { progressHeader, progressRows, widestColumns } from "./maintenance-progress.ts";
import { watchCommand } from "./maintenance-watch.ts";
import { machineText, parseMachine, parsePlan, toUnavailability, unavailabilityText } from "./maintenance-words.ts";
import { NotSoError, type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printJson, printTable } from "./print.ts";

/** Of all who change the schedule at the very same moment one gets through each time. */
const attemptsMax = 10;

const machines = "hostnames, addresses, or both like host/10.0.0.1";

export function maintenanceCommand(): Command {
  return new Command("maintenance")
    .description("Windows in which machines are taken out of service. First schedule, then start when status says empty, then stop.")
    .addCommand(
      command("schedule", "Plans a window for machines, instead of the one that they have; others keep theirs.")
        .argument("<machines and time...>", `${machines}; then "now", "in 2h" or "at 18:30"; then "for 30m" if that is known`)
        .action(schedule),
    )
    .addCommand(command("status", "Says how far each machine is, and who still has what on it.").action(status))
    .addCommand(watchCommand())
    .addCommand(act("start", "Takes machines down: what still runs there ends, and their agents may not come back."))
    .addCommand(act("stop", "Brings machines that are down back into service."))
    .addCommand(act("cancel", "Takes machines that are not down out of the schedule."));
}

function command(verb: keyof typeof examplesOf, description: string): Command {
  const examples = examplesOf[verb].map((words) => `maintenance ${verb}${words}`);
  return withExamples(withOperatorOptions(new Command(verb).description(description)), examples);
}

const examplesOf = {
  schedule: [" host-1 10.0.0.2 in 2h for 30m", " host-1 at 18:30", " host-1/10.0.0.1 now"],
  status: ["", " --json"],
  start: [" host-1 10.0.0.2"],
  stop: [" host-1 10.0.0.2"],
  cancel: [" host-1"],
} as const;

async function schedule(words: readonly string[], options: OperatorOptions): Promise<void> {
  // One instant for all: "in 2h" is said back as that, however long the master took.
  const nowMs = Date.now();
  const plan = orExit(() => parsePlan(words, nowMs));
  await withOperator(options, async (operator) => {
    const unavailability = toUnavailability(plan);
    const planned: Window = { machineIds: [...plan.machines], unavailability };
    await changeSchedule(operator, (windows) => [...without(windows, plan.machines), planned]);
    say(options, plan.machines, `scheduled for ${unavailabilityText(unavailability, nowMs)}`);
  });
}

const acts = {
  start: (operator, ids) => operator.startMaintenance(ids),
  stop: (operator, ids) => operator.stopMaintenance(ids),
  cancel: (operator, ids) =>
    changeSchedule(operator, (windows) => {
      const planned = new Set(windows.flatMap(({ machineIds }) => machineIds.map(machineText)));
      const missing = ids.find((id) => !planned.has(machineText(id)));
      if (missing !== undefined) throw new NotSoError(`machine ${machineText(missing)} is not in the schedule: nothing is cancelled`);
      return without(windows, ids);
    }),
} as const satisfies Record<string, (operator: OperatorClient, ids: readonly MachineID[]) => Promise<void>>;

const done = { start: "down", stop: "up", cancel: "not in the schedule any more" } as const satisfies Record<keyof typeof acts, string>;

function act(verb: keyof typeof acts, description: string): Command {
  return command(verb, description)
    .argument("<machines...>", machines)
    .action(async (names: readonly string[], options: OperatorOptions) => {
      const ids = orExit(() => names.map(parseMachine));
      await withOperator(options, async (operator) => {
        await acts[verb](operator, ids);
        say(options, ids, done[verb]);
      });
    });
}

/** Somebody else's change between reading and writing is not undone: the schedule is read again, as often as that happens in a moment. */
async function changeSchedule(operator: OperatorClient, change: (windows: readonly Window[]) => Window[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { windows } = await operator.getMaintenanceSchedule();
    try {
      return await operator.replaceMaintenanceSchedule(windows, change(windows));
    } catch (error) {
      if (!(error instanceof CallError && error.code === "ABORTED") || attempt === attemptsMax) throw error;
    }
  }
}

/** The windows as they are, without these machines. */
function without(windows: readonly Window[], ids: readonly MachineID[]): Window[] {
  const names = new Set(ids.map(machineText));
  return windows.flatMap(({ machineIds, unavailability }) => {
    const rest = machineIds.filter((id) => !names.has(machineText(id)));
    return rest.length === 0 ? [] : [{ machineIds: rest, unavailability }];
  });
}

function say(options: OperatorOptions, ids: readonly MachineID[], what: string): void {
  const names = ids.map(machineText);
  sayDone(options, { machines: names, ok: true }, ...names.map((name) => `machine ${name} is ${what}`));
}

async function status(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const progress = await operator.getMaintenanceProgress();
    if (options.json === true) printJson(MaintenanceProgress.toJSON(progress));
    else if (progress.machines.length === 0) console.log("no machine has a maintenance window");
    else {
      const nowMs = Date.now();
      printTable([progressHeader, ...progress.machines.flatMap((machine) => progressRows(machine, nowMs))], widestColumns);
    }
  });
}

function orExit<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidArgumentError) exitForUsage(error.message);
    throw error;
  }
}
