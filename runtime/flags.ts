/**
 * Command-line flags: a program declares a table, gets typed values back, and everything that is wrong is told with
 * flag, value and rule. Unknown flags are refused with the nearest name.
 */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { type FaultDomain, parseFaultDomain, writeFaultDomain } from "../common/fault-domain.ts";
import type { Result } from "../common/result.ts";
import { DomainInfo } from "../protos/gen/mesos/v1/mesos.ts";

/** Exit status for a command line that cannot be understood; what shells and getopt programs use. */
export const usageExitCode = 2;

export interface Flag<T> {
  /** Shown in the help: `--port <port>`. */
  readonly placeholder: string;
  readonly description: string;
  readonly fallback: T;
  /** Throws InvalidArgumentError with the rule that the text breaks. */
  readonly parse: (text: string) => T;
  readonly format: (value: T) => string;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of any value type; `FlagValues` recovers each one.
export type FlagTable = Readonly<Record<string, Flag<any>>>;

export type FlagValues<Table extends FlagTable> = { readonly [Name in keyof Table]: Table[Name] extends Flag<infer T> ? T : never };

interface FlagText<F> {
  readonly description: string;
  readonly fallback: F;
}

export function textFlag<F extends string | undefined>({ description, fallback }: FlagText<F>): Flag<string | F> {
  const parse = (text: string): string => {
    if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
    return text;
  };
  return { placeholder: "text", description, fallback, parse, format: (value) => value ?? "" };
}

export function choiceFlag<const Choice extends string>(
  options: FlagText<NoInfer<Choice>> & { readonly choices: readonly Choice[] },
): Flag<Choice> {
  const { description, fallback, choices } = options;
  const parse = (text: string): Choice => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new InvalidArgumentError(`It must be one of ${choices.join(", ")}.`);
    return choice;
  };
  return { placeholder: choices.join("|"), description, fallback, parse, format: (value) => value };
}

export function switchFlag({ description, fallback }: FlagText<boolean>): Flag<boolean> {
  const parse = (text: string): boolean => {
    if (text !== "true" && text !== "false") throw new InvalidArgumentError("It must be true or false.");
    return text === "true";
  };
  return { placeholder: "true|false", description, fallback, parse, format: String };
}

/** A flag whose text has a reader of its own. */
export function readFlag<T>(options: {
  readonly placeholder: string;
  readonly description: string;
  readonly read: (text: string) => Result<T>;
  readonly format: (value: T) => string;
}): Flag<T | undefined> {
  const { placeholder, description, read, format } = options;
  const parse = (text: string): T => {
    const value = read(text);
    if (!value.ok) throw new InvalidArgumentError(`Refused: ${value.refusal.message}.`);
    return value.value;
  };
  return { placeholder, description, fallback: undefined, parse, format: (value) => (value === undefined ? "" : format(value)) };
}

export function integerFlag<F extends number | undefined>(
  options: FlagText<F> & { readonly min: number; readonly max: number },
): Flag<number | F> {
  const { description, fallback, min, max } = options;
  const parse = (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`It must be a whole number, ${min} to ${max}.`);
    return value;
  };
  return { placeholder: "number", description, fallback, parse, format: (value) => (value === undefined ? "" : String(value)) };
}

/** 0 lets the operating system choose a free port. */
export function portFlag({ description, fallback }: FlagText<number>): Flag<number> {
  return { ...integerFlag({ description, fallback, min: 0, max: 65_535 }), placeholder: "port" };
}

/** Where a node stands, as the reference has it written. */
export function domainFlag(description: string): Flag<FaultDomain | undefined> {
  const format = (domain: FaultDomain): string => JSON.stringify(DomainInfo.toJSON(writeFaultDomain(domain)));
  return readFlag({ placeholder: "json", description, read: parseFaultDomain, format });
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** A year: longer waits are mistakes of the unit. */
const durationMaxMs = 365 * 86_400_000;

/** "500ms", "10s", "1.5m", "2h", "1d"; the value is in milliseconds. `minMs` and up. */
export function durationFlag<F extends number | undefined>(options: FlagText<F> & { readonly minMs?: number }): Flag<number | F> {
  const { description, fallback, minMs = 1 } = options;
  const parse = (text: string): number => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
    if (match === null) throw new InvalidArgumentError('It must be a number with a unit (ms, s, m, h, d), like "500ms" or "10s".');
    const valueMs = Math.round(Number(match[1]) * (unitMs.get(match[2] ?? "") ?? Number.NaN));
    if (!(valueMs >= minMs && valueMs <= durationMaxMs)) throw new InvalidArgumentError(`It must be ${formatDuration(minMs)} to 365d.`);
    return valueMs;
  };
  return { placeholder: "duration", description, fallback, parse, format: (value) => (value === undefined ? "" : formatDuration(value)) };
}

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KB", 1024],
  ["MB", 1024 ** 2],
  ["GB", 1024 ** 3],
  ["TB", 1024 ** 4],
]);

/** "512B", "64MB", "2GB", in powers of 1024 as in the reference; the value is in bytes. */
export function bytesFlag({ description, fallback }: FlagText<number>): Flag<number> {
  const parse = (text: string): number => {
    const [, digits, unit = ""] = /^(\d{1,9})(B|KB|MB|GB|TB)$/.exec(text) ?? [];
    const value = Number(digits) * (unitBytes.get(unit) ?? Number.NaN);
    if (!Number.isSafeInteger(value))
      throw new InvalidArgumentError('It must be a whole number with a unit (B, KB, MB, GB, TB), like "2GB".');
    return value;
  };
  return { placeholder: "size", description, fallback, parse, format: formatBytes };
}

function formatBytes(value: number): string {
  for (const [unit, scale] of [...unitBytes].reverse()) if (value >= scale && value % scale === 0) return `${value / scale}${unit}`;
  return `${value}B`;
}

function formatDuration(valueMs: number): string {
  for (const [unit, scaleMs] of [...unitMs].reverse()) {
    if (valueMs >= scaleMs && valueMs % scaleMs === 0) return `${valueMs / scaleMs}${unit}`;
  }
  return `${valueMs}ms`;
}

export interface Program<Table extends FlagTable> {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly flags: Table;
}

export type FlagsOutcome<Table extends FlagTable> =
  | { readonly kind: "values"; readonly values: FlagValues<Table> }
  /** Help, version or a mistake: `text` was asked for (code 0) or says what is wrong (code 2). */
  | { readonly kind: "exit"; readonly code: number; readonly text: string };

/** Reads the arguments after the program's name. */
export function parseFlags<Table extends FlagTable>(program: Program<Table>, args: readonly string[]): FlagsOutcome<Table> {
  let text = "";
  const write = (more: string): void => {
    text += more;
  };
  const values = new Map<string, unknown>();
  const command = new Command(program.name)
    .description(program.description)
    .version(program.version)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  for (const [name, flag] of Object.entries(program.flags)) {
    values.set(name, flag.fallback);
    const shown = flag.format(flag.fallback);
    const option = new Option(
      `--${name} <${flag.placeholder}>`,
      shown === "" ? flag.description : `${flag.description} (default: ${shown})`,
    );
    command.addOption(option.argParser((given) => values.set(name, flag.parse(given))));
  }
  try {
    command.parse(args.flatMap(splitAssignment), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", code: error.exitCode === 0 ? 0 : usageExitCode, text };
  }
  return { kind: "values", values: Object.fromEntries(values) as FlagValues<Table> };
}

/** "--port=1" as two words: commander suggests a near name only for the bare flag. */
function splitAssignment(argument: string): string[] {
  const match = /^(--[^=]+)=([\s\S]*)$/.exec(argument);
  return match === null ? [argument] : [match[1] ?? "", match[2] ?? ""];
}

/** As `parseFlags`, for a program's first line: prints and ends the process where there is nothing to run. */
export function parseFlagsOrExit<Table extends FlagTable>(program: Program<Table>, args: readonly string[]): FlagValues<Table> {
  const outcome = parseFlags(program, args);
  if (outcome.kind === "values") return outcome.values;
  (outcome.code === 0 ? process.stdout : process.stderr).write(outcome.text);
  process.exit(outcome.code);
}

/** Ends the process over flags that are right one by one and wrong together. */
export function exitForUsage(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(usageExitCode);
}

/** Names and values as text, for operators who ask how a process was started. */
export function describeFlags<Table extends FlagTable>(
  flags: Table,
  values: FlagValues<Table>,
): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries(flags).map(([name, flag]) => ({ name, value: flag.format(values[name]) }));
}
