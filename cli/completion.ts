/** `tepui completion`: a script that makes a shell complete nouns, verbs, flags, and the ids of what is there. */

import { Argument, Command } from "commander";
import { CallError } from "../client/call-error.ts";
import { OperatorClient } from "../client/operator-client.ts";
import { completionScripts, type Shell, shells } from "./completion-scripts.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, withMasterOption } from "./operator-command.ts";

export function completionCommand(program: Command): Command {
  const command = new Command("completion")
    .description("Writes a script that makes a shell complete the words of tepui.")
    .addArgument(new Argument("<shell>", "for which one").choices(shells))
    .action((shell: Shell) => {
      process.stdout.write(completionScripts[shell](program));
    })
    .addHelpText(
      "after",
      `
How to use it:
  bash  source <(tepui completion bash)        in ~/.bashrc
  zsh   source <(tepui completion zsh)         in ~/.zshrc, after compinit
  fish  tepui completion fish | source         in ~/.config/fish/config.fish`,
    );
  return withExamples(command, ["completion bash", "completion zsh", "completion fish"]);
}

/** What the scripts ask for the ids of agents, frameworks or tasks. Not for people: it is not in the help. */
export function idsCommand(): Command {
  return withMasterOption(new Command("ids").description("Lists the ids that a shell may complete."))
    .addArgument(new Argument("<noun>").choices(["agent-id", "framework-id", "task-id"]))
    .action(listIds);
}

/** Whoever pressed the key waits for it. */
const callTimeoutMs = 1_000;

/** A list that is longer helps nobody. */
const idsMax = 500;

async function listIds(noun: string, { master }: OperatorOptions): Promise<void> {
  using operator = new OperatorClient({ masters: master, callTimeoutMs });
  try {
    const ids = await idsOf(operator, noun);
    for (const id of ids.slice(0, idsMax)) console.log(id);
  } catch (error) {
    // There is nobody to read a complaint: then nothing is completed.
    if (!(error instanceof CallError)) throw error;
  }
}

async function idsOf(operator: OperatorClient, noun: string): Promise<readonly string[]> {
  if (noun === "agent-id") return (await operator.getAgents()).agents.map(({ agentInfo }) => agentInfo?.id?.value ?? "");
  if (noun === "framework-id")
    return (await operator.getFrameworks()).frameworks.map(({ frameworkInfo }) => frameworkInfo?.id?.value ?? "");
  return (await operator.getTasks()).tasks.map(({ taskId }) => taskId?.value ?? "");
}
