/** All commands of `tepui`, each with a file of its own, and what is the same for all of them. */

import { Command } from "commander";

import { version } from "../common/version.ts";
import { agentCommand } from "./agent.ts";
import { clusterCommand } from "./cluster.ts";
import { completionCommand, idsCommand } from "./completion.ts";
import { frameworkCommand } from "./framework.ts";
import { helpCommand } from "./help-command.ts";
import { maintenanceCommand } from "./maintenance.ts";
import { quotaCommand } from "./quota.ts";
import { roleCommand } from "./role.ts";
import { runCommand } from "./run.ts";
import { taskCommand } from "./task.ts";
import { paint } from "./terminal.ts";
import { upCommand } from "./up.ts";
import { verifyCommand } from "./verify.ts";

export function createProgram(): Command {
  const program = new Command("tepui")
    .enablePositionalOptions()
    .description("A living implementation of the Mesos protocol, and the harness that proves its guarantees.")
    .version(version, "--version")
    .helpCommand(false)
    .addCommand(verifyCommand())
    .addCommand(upCommand())
    .addCommand(runCommand())
    .addCommand(clusterCommand())
    .addCommand(agentCommand())
    .addCommand(frameworkCommand())
    .addCommand(taskCommand())
    .addCommand(maintenanceCommand())
    .addCommand(roleCommand())
    .addCommand(quotaCommand());
  program.addCommand(completionCommand(program)).addCommand(idsCommand(), { hidden: true }).addCommand(helpCommand(program));
  for (const command of commandsBelow(program)) {
    const name = pathOf(command).join(" ");
    command
      .helpCommand(false)
      .allowExcessArguments(false)
      .showSuggestionAfterError()
      .showHelpAfterError(`\`${name} --help\` has its words and examples.`)
      .configureHelp({ styleTitle: (title) => paint("bold", title) })
      .configureOutput({ outputError: (text, write) => write(`${text}${otherNounHint(program, text)}`) });
  }
  return program;
}

/** The command itself first. */
export function commandsBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}

/** "tepui", "agent", "drain". */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...pathOf(command.parent), command.name()];
}

/** For a verb without its noun, or with another's: commander knows near names of the same command only. */
function otherNounHint(program: Command, text: string): string {
  const [, word] = /^error: unknown command '(.+)'$/m.exec(text) ?? [];
  const homes = program.commands.flatMap(({ commands }) => commands).filter((command) => command.name() === word);
  if (homes.length === 0 || text.includes("(Did you mean")) return "";
  return `(Did you mean ${homes.map((command) => pathOf(command).join(" ")).join(" or ")}?)\n`;
}
