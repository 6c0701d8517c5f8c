/**
 * `tepui maintenance watch`: how far machines are, for as long as somebody looks. A terminal gets a table that is drawn again in place,
 * anything else a line for each change. A master that ends is waited for: the next one continues where it was.
 */

import { Command, Option } from "commander";

import { CallError } from "../client/call-error.ts";
import { InterruptibleSleep } from "../client/interruptible-sleep.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { formatTable } from "../common/format-table.ts";
import type { MachineID } from "../protos/gen/mesos/v1/mesos.ts";
import { MachineProgress, type MaintenanceProgress } from "../protos/gen/tepui/v1/maintenance.ts";
import { withExamples } from "./examples.ts";
import { LiveView } from "./live-view.ts";
import { type Goal, goals, isReached, type MachineChange, MaintenanceChanges, watchedOf } from "./maintenance-changes.ts";
import { progressHeader, progressRows, widestColumns } from "./maintenance-progress.ts";
import { machineText, parseMachine, remainingText } from "./maintenance-words.ts";
import { type OperatorOptions, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printJson } from "./print.ts";
import { terminalWidth } from "./terminal.ts";

/** Soon enough that nobody waits for it, and next to nothing for a master. */
const lookEveryMs = 500;

/** A master that takes longer than this is said to be silent. */
const lookTimeoutMs = 3_000;

const examples = ["maintenance watch", "maintenance watch host-1 --until empty", "maintenance watch --json"];

interface WatchOptions extends OperatorOptions {
  readonly until?: Goal;
}

export function watchCommand(): Command {
  const until = new Option("--until <goal>", "end when all of the machines are as far; up is out of the schedule").choices(goals);
  const command = new Command("watch").description("Shows how far machines are until Ctrl-C, across masters that come and go.");
  return withExamples(withOperatorOptions(command), examples)
    .argument("[machines...]", "only these, as hostnames, addresses, or both like host/10.0.0.1", readMachine, [])
    .addOption(until)
    .addHelpText("after", "\nWith --json, or where no terminal reads it, each change is one line.")
    .action(watch);
}

function readMachine(text: string, before: readonly MachineID[]): readonly MachineID[] {
  return [...before, parseMachine(text)];
}

async function watch(machines: readonly MachineID[], options: WatchOptions): Promise<void> {
  let first: MaintenanceProgress | undefined;
  await withOperator(options, async (operator) => {
    first = await operator.getMaintenanceProgress();
  });
  // Nobody was there, which has been said: more likely the wrong address than a change of masters.
  if (first === undefined) return;
  const pause = new InterruptibleSleep();
  let isEnded = false;
  const end = (): void => {
    isEnded = true;
    pause.interrupt();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  // The reader of a pipe has enough.
  process.stdout.once("error", end);
  const reporter = options.json !== true && process.stdout.isTTY ? new TerminalReporter(machines) : new LineReporter(options.json === true);
  using operator = new OperatorClient({ masters: options.master, callTimeoutMs: lookTimeoutMs });
  const isDone = ({ machines: all }: MaintenanceProgress): boolean =>
    options.until !== undefined && isReached(options.until, all, machines);
  try {
    let look: Look = { kind: "progress", progress: first };
    for (;;) {
      if (look.kind === "progress") reporter.show(watchedOf(look.progress.machines, machines));
      else reporter.fail(look.error);
      if (look.kind === "progress" && isDone(look.progress)) return;
      await pause.sleep(lookEveryMs);
      if (isEnded) return;
      look = await lookAt(operator);
    }
  } finally {
    reporter.close();
  }
}

type Look = { readonly kind: "progress"; readonly progress: MaintenanceProgress } | { readonly kind: "failure"; readonly error: CallError };

async function lookAt(operator: OperatorClient): Promise<Look> {
  try {
    return { kind: "progress", progress: await operator.getMaintenanceProgress() };
  } catch (error) {
    if (error instanceof CallError) return { kind: "failure", error };
    throw error;
  }
}

interface Reporter {
  show(machines: readonly MachineProgress[]): void;
  /** No master could say; what was shown before is the last that is known. */
  fail(error: CallError): void;
  close(): void;
}

class TerminalReporter implements Reporter {
  readonly #view = new LiveView(process.stdout);
  readonly #names: readonly MachineID[];
  #machines: readonly MachineProgress[] = [];

  constructor(names: readonly MachineID[]) {
    this.#names = names;
  }

  show(machines: readonly MachineProgress[]): void {
    this.#machines = machines;
    this.#draw("Ctrl-C ends this.");
  }

  fail(error: CallError): void {
    this.#draw(`As it was before: ${error.message}; trying again.`);
  }

  close(): void {
    this.#view.close();
  }

  #draw(last: string): void {
    const nowMs = Date.now();
    const names = this.#names.map(machineText).join(", ");
    const nothing = names === "" ? "no machine has a maintenance window" : `no maintenance window: ${names}`;
    // Short, so that who is there fits a narrow terminal, too.
    const rows = this.#machines.flatMap((machine) => progressRows(machine, nowMs, remainingText));
    const table =
      rows.length === 0
        ? [nothing]
        : formatTable([progressHeader, ...rows], { widthMax: terminalWidth(), shorten: widestColumns }).split("\n");
    this.#view.draw([...table, `${timeText(nowMs)}. ${last}`]);
  }
}

class LineReporter implements Reporter {
  readonly #changes = new MaintenanceChanges();
  readonly #asJson: boolean;
  #isSilent = false;
  #isFirst = true;

  constructor(asJson: boolean) {
    this.#asJson = asJson;
  }

  show(machines: readonly MachineProgress[]): void {
    if (this.#isSilent) this.#print("a master answers again", { answers: true });
    this.#isSilent = false;
    const changes = this.#changes.look(machines);
    if (this.#isFirst && changes.length === 0 && !this.#asJson) console.log("no maintenance window yet");
    this.#isFirst = false;
    for (const change of changes) this.#print(`${change.machine} ${change.text}`, toJson(change));
  }

  fail({ code, message }: CallError): void {
    if (!this.#isSilent) this.#print(`${message}; trying again`, { error: { code, message } });
    this.#isSilent = true;
  }

  close(): void {}

  #print(text: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = Date.now();
    if (this.#asJson) printJson({ time: new Date(nowMs).toISOString(), ...fields });
    else console.log(`${timeText(nowMs)} ${text}`);
  }
}

function toJson({ machine, progress }: MachineChange): Readonly<Record<string, unknown>> {
  return progress === undefined ? { machine, up: true } : { machine, progress: MachineProgress.toJSON(progress) };
}

function timeText(nowMs: number): string {
  return new Date(nowMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}
