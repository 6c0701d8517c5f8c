/**
 * What the project's tools have in common at their command line. Their exit codes are a contract: 0 pass, 1 a broken
 * guarantee, 2 a mistake of the user or of the tool, 3 nothing decided. Commander and Node would both say 1 for the third.
 */

import { type Command, CommanderError, InvalidArgumentError } from "commander";

const mistakeExitCode = 2;

/** Parses the process's arguments and runs the command that they name. Ends the process over a wrong command line. */
export async function runCommandLine(program: Command): Promise<void> {
  const exitCode = await runCommand(program, process.argv.slice(2));
  if (exitCode !== undefined) process.exit(exitCode);
}

/** Answers the exit code that ends the process at once: after help, or after what was wrong. */
export async function runCommand(program: Command, words: readonly string[]): Promise<number | undefined> {
  throwMistakes(program);
  try {
    await program.parseAsync([...words], { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : mistakeExitCode;
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return mistakeExitCode;
  }
}

/** Reads a whole number from 0 on. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) throw new InvalidArgumentError(`must be a whole number from 0, is "${text}".`);
  return count;
}

/** Reads a whole number from 1 on. */
export function parsePositiveCount(text: string): number {
  if (/^0+$/.test(text)) throw new InvalidArgumentError(`must be a whole number from 1, is "${text}".`);
  return parseCount(text);
}

/** Answers a reader of numbers that are more than 0 and at most `max`; `unit` is for the complaint. */
export function positiveParser(max: number, unit: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= max)) throw new InvalidArgumentError(`must be more than 0 and at most ${max} ${unit}, is "${text}".`);
    return value;
  };
}

/** Commander inherits this to some subcommands only. */
function throwMistakes(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwMistakes(subcommand);
}
