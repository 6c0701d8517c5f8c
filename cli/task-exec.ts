/** `tepui task exec`: a command beside a running task, in its container and its sandbox, as if it ran here. */

import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { AgentOperatorClient } from "../client/agent-operator-client.ts";
import { CallError } from "../client/call-error.ts";
import {
  Call_LaunchNestedContainerSession,
  type ProcessIO,
  ProcessIO_Data_Type,
  ProcessIO_Type,
} from "../protos/gen/mesos/v1/agent/agent.ts";
import { type ContainerID, ContainerInfo_Type, TaskState } from "../protos/gen/mesos/v1/mesos.ts";
import { exitForUsage } from "../runtime/flags.ts";
import { taskStateText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { NotSoError, type OperatorOptions, tellFailure, withMasterOption } from "./operator-command.ts";
import { writeTo } from "./standard-streams.ts";
import { containerOf, locateTask } from "./task-on-agent.ts";

interface ExecOptions extends OperatorOptions {
  readonly framework?: string;
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

export function execCommand(): Command {
  const command = withMasterOption(new Command("exec").description("Runs a command in the container of a task that runs."))
    .argument("<task-id>", "its id, or its name")
    .argument("<command...>", "several words are a program and its arguments; one is a line for a shell")
    .option("-i, --stdin", "feed it what comes on stdin")
    .option("-t, --tty", "give it a terminal, and feed it what is typed here")
    .option("--framework <framework-id>", "whose task it is, where several have one of this id")
    .passThroughOptions()
    .addHelpText("after", exitCodes)
    .action(exec);
  return withExamples(command, ["task exec task-1 ps -ef", "task exec -i task-1 'cat > note'", "task exec -t task-1 sh"]);
}

const exitCodes = `
It works in the task's sandbox, counts for the task's resources, and ends with the task, or with this command.

Exit codes:
  0-255  the command's own; 128 and the signal that ended it
  1      also: no such task, or it does not run
  2      also: the command line is wrong
  3      also: no answer`;

const hasContainer: ReadonlySet<TaskState> = new Set([TaskState.TASK_RUNNING, TaskState.TASK_KILLING]);

async function exec(text: string, words: readonly string[], options: ExecOptions): Promise<void> {
  if (options.tty === true && !process.stdin.isTTY) exitForUsage("option '--tty' needs a terminal here; `--stdin` feeds a pipe");
  await tellFailure(options, async () => {
    const { task, address } = await locateTask(text, options);
    using agent = new AgentOperatorClient({ address });
    const parent = hasContainer.has(task.state) ? await containerOf(agent, task) : undefined;
    if (parent === undefined) {
      throw new NotSoError(
        `task "${text}" is ${taskStateText(task.state)}; \`tepui task list\` shows those that run, \`tepui task logs\` what it wrote`,
      );
    }
    const containerId = { value: randomUUID(), parent };
    process.exitCode = await runSession({ agent, containerId, words, options });
  });
}

interface Session {
  readonly agent: AgentOperatorClient;
  readonly containerId: ContainerID;
  readonly words: readonly string[];
  readonly options: ExecOptions;
}

/** Answers the exit code. */
async function runSession({ agent, containerId, words, options }: Session): Promise<number> {
  let isFed = options.stdin !== true && options.tty !== true;
  if (options.tty === true) process.stdin.setRawMode(true);
  try {
    for await (const message of agent.launchSession(toRequest(containerId, words, options))) {
      // The first message says that it runs: then it can be fed.
      if (!isFed) void feed(agent, containerId);
      isFed = true;
      await hear(message);
    }
  } finally {
    if (options.tty === true) process.stdin.setRawMode(false);
    // What is typed from here on is for the shell again.
    process.stdin.destroy();
  }
  const status = await agent.waitNestedContainer(containerId);
  await agent.removeNestedContainer(containerId);
  if (status === undefined) throw new NotSoError("the command has ended, and nobody knows how");
  // As waitpid reports it: the signal in the lower seven bits, the code above them.
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

function toRequest(containerId: ContainerID, words: readonly string[], { tty }: ExecOptions): Call_LaunchNestedContainerSession {
  const [first = ""] = words;
  const { rows, columns } = process.stdout;
  return Call_LaunchNestedContainerSession.fromPartial({
    containerId,
    command: words.length === 1 ? { value: first } : { shell: false, value: first, arguments: [...words] },
    ...(tty === true ? { container: { type: ContainerInfo_Type.MESOS, ttyInfo: { windowSize: { rows, columns } } } } : {}),
  });
}

async function hear({ type, data }: ProcessIO): Promise<void> {
  if (type !== ProcessIO_Type.DATA || data?.data === undefined) return;
  await writeTo(data.type === ProcessIO_Data_Type.STDERR ? process.stderr : process.stdout, data.data);
}

async function feed(agent: AgentOperatorClient, containerId: ContainerID): Promise<void> {
  try {
    await agent.attachInput(containerId, process.stdin);
  } catch (error) {
    // The command has ended before its input, which was given up then: its end says the rest.
    const isGivenUp = error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!(error instanceof CallError) && !isGivenUp) throw error;
  }
}
