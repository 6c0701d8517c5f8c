/** The examples of a command: shown at the end of its help, and held against the command line by a test. */

import type { Command } from "commander";

const examplesOf = new WeakMap<Command, readonly string[]>();

/** Each is a whole command line, after "tepui ". */
export function withExamples(command: Command, examples: readonly string[]): Command {
  examplesOf.set(command, examples);
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  tepui ${example}`).join("\n")}`);
}

export function examples(command: Command): readonly string[] {
  return examplesOf.get(command) ?? [];
}
