/** `tepui run`: a command somewhere on the cluster, as if it ran here. */

import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { positiveParser } from "../runtime/command-line.ts";
import { exitForUsage } from "../runtime/flags.ts";
import { withExamples } from "./examples.ts";
import { interruptedExitCode } from "./one-off-end.ts";
import type { Constraint } from "./one-off-offer.ts";
import { type OneOff, OneOffTask } from "./one-off-task.ts";
import { type OperatorOptions, withMasterOption } from "./operator-command.ts";

/** What no machine has is a slip. */
const cpusMax = 100_000;
const memMaxMb = 1_000_000_000;

interface RunOptions extends OperatorOptions {
  readonly cpus: number;
  readonly mem: number;
  readonly env: readonly Variable[];
  readonly name?: string;
  readonly agent?: string;
  readonly constraint: readonly Constraint[];
  readonly role: string;
  readonly user: string;
}

type Variable = Constraint;

export function runCommand(): Command {
  const command = withMasterOption(new Command("run").description("Runs a command on the cluster, with its output and exit code here."))
    .argument("<command...>", "several words are a program and its arguments; one is a line for a shell")
    .option("--cpus <count>", "processors that it may use", positiveParser(cpusMax, "processors"), 1)
    .option("--mem <megabytes>", "memory that it may use", positiveParser(memMaxMb, "megabytes"), 128)
    .option("--env <name=value>", "a variable of its environment; may be repeated", collectPair, [])
    .option("--name <text>", "what the task is called (default: the program's name)")
    .option("--agent <agent-id>", "run there and nowhere else: an agent's id, the end of it, or its hostname")
    .option("--constraint <name=value>", "an attribute that the agent must have; may be repeated", collectPair, [])
    .option("--role <role>", "the role whose resources it uses", "*")
    .option("--user <name>", "who it runs as on the agent", userInfo().username)
    .passThroughOptions()
    .addHelpText("after", exitCodes)
    .action(run);
  return withExamples(command, [
    "run echo hello",
    "run --cpus 0.5 --mem 64 --env WHO=world 'echo hello $WHO; exit 3'",
    "run --constraint rack=r1 --name probe -- uname -a",
  ]);
}

const exitCodes = `
Ctrl-C kills the task and waits for its end; a second Ctrl-C does not wait.

Exit codes:
  0-255  the task's own; 128 and the signal that ended it
  2      also: the command line is wrong
  125    also: the task was not run, or nobody knows how it ended
  130    also: Ctrl-C`;

/** The same Ctrl-C comes more than once: from the terminal, and from npm, which sends it on. */
const sameKeyPressMs = 500;

async function run(words: readonly string[], options: RunOptions): Promise<void> {
  const task = new OneOffTask(toOneOff(words, options));
  let firstAtMs: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (firstAtMs === undefined) {
        firstAtMs = nowMs;
        console.error("killing the task; Ctrl-C again does not wait for its end");
        void task.interrupt();
      } else if (nowMs - firstAtMs > sameKeyPressMs) process.exit(interruptedExitCode);
    });
  }
  process.exitCode = await task.run();
}

function toOneOff(words: readonly string[], options: RunOptions): OneOff {
  const [first = ""] = words;
  if (first.trim() === "") exitForUsage("the command must not be empty");
  const { name = nameOf(first), cpus, mem: memMb, agent, constraint: constraints, role, user, master: masters } = options;
  const environment = { variables: options.env.map(({ name: variable, value }) => ({ name: variable, value })) };
  return {
    masters,
    name,
    taskId: `${name.replace(/[^\w.-]+/g, "-").slice(0, 60)}-${randomBytes(4).toString("hex")}`,
    user,
    role,
    cpus,
    memMb,
    agent,
    constraints,
    command: words.length === 1 ? { value: first, environment } : { shell: false, value: first, arguments: [...words], environment },
  };
}

/** "python3" of "/usr/bin/python3 -c x". */
function nameOf(command: string): string {
  return command.trim().split(/\s/)[0]?.split("/").at(-1) || "task";
}

function collectPair(text: string, others: readonly Constraint[]): readonly Constraint[] {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError(`must be NAME=VALUE, is "${text}".`);
  return [...others, { name: text.slice(0, at), value: text.slice(at + 1) }];
}
