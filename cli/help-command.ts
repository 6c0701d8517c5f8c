/** `tepui help agent drain`: the same as `tepui agent drain --help`. */

import { Command } from "commander";

export function helpCommand(program: Command): Command {
  return new Command("help")
    .description("Shows the help of a command, with examples.")
    .argument("[words...]", 'the command, like "agent drain"')
    .action(async (words: readonly string[]) => {
      let command = program;
      for (const word of words) {
        const next = command.commands.find((candidate) => candidate.name() === word);
        // It complains of the word, and knows the nearest one; what takes words of its own has nothing below it to explain.
        if (next === undefined && command.commands.length > 0) await command.parseAsync([word], { from: "user" });
        if (next === undefined) break;
        command = next;
      }
      command.help();
    });
}
