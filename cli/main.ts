/** `tepui`: the command line. Each command has a file of its own; this one names them. */

import { Command } from "commander";
import { runCommandLine } from "../runtime/command-line.ts";
import { agentCommand } from "./agent.ts";
import { maintenanceCommand } from "./maintenance.ts";
import { upCommand } from "./up.ts";
import { verifyCommand } from "./verify.ts";

const program = new Command("tepui")
  .description("A living implementation of the Mesos protocol, and the harness that proves its guarantees.")
  .showHelpAfterError()
  .showSuggestionAfterError()
  .addCommand(verifyCommand())
  .addCommand(upCommand())
  .addCommand(agentCommand())
  .addCommand(maintenanceCommand());

await runCommandLine(program);
