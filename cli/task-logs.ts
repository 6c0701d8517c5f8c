/** `tepui task logs`: what a task wrote, read from its agent. */

import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { AgentOperatorClient } from "../client/agent-operator-client.ts";
import type { Response_GetTasks } from "../protos/gen/mesos/v1/agent/agent.ts";
import type { Task } from "../protos/gen/mesos/v1/mesos.ts";
import { parseCount } from "../runtime/command-line.ts";
import { withExamples } from "./examples.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import { NotSoError, type OperatorOptions, tellFailure, withMasterOption } from "./operator-command.ts";
import { SandboxOutput } from "./sandbox-output.ts";
import { sandboxPath } from "./sandbox-path.ts";
import { writeTo } from "./standard-streams.ts";
import { containerOf, isSameTask, locateTask } from "./task-on-agent.ts";

/** How often a file that grows is looked at. */
const lookEveryMs = 200;

interface LogsOptions extends OperatorOptions {
  readonly framework?: string;
  readonly follow?: boolean;
  readonly stderr?: boolean;
  readonly tail?: number;
}

export function logsCommand(): Command {
  const command = withMasterOption(new Command("logs").description("Writes what a task wrote to its stdout."))
    .argument("<task-id>", "its id, or its name")
    .option("-f, --follow", "go on with what it writes, until it ends")
    .option("--stderr", "what it wrote to its stderr instead")
    .option("--tail <lines>", "only the last lines", parseCount)
    .option("--framework <framework-id>", "whose task it is, where several have one of this id")
    .addHelpText("after", exitCodesHelp)
    .action(logs);
  return withExamples(command, ["task logs task-1", "task logs task-1 -f --tail 20", "task logs task-1 --stderr"]);
}

async function logs(text: string, options: LogsOptions): Promise<void> {
  await tellFailure(options, async () => {
    const { task, address } = await locateTask(text, options);
    using agent = new AgentOperatorClient({ address });
    const file = options.stderr === true ? "stderr" : "stdout";
    const path = `${await sandboxOf(agent, task)}/${file}`;
    const output = new SandboxOutput({ agent, path, write: (bytes) => writeTo(process.stdout, bytes) });
    if (options.tail !== undefined) await output.skipToLast(options.tail);
    let isLive = options.follow === true;
    for (;;) {
      const isThere = await output.pull();
      if (!isLive) {
        if (!isThere) throw new NotSoError(`there is no ${file} of it: it did not start, or its sandbox was collected since it ended`);
        return;
      }
      await sleep(lookEveryMs);
      // Asked before the last look, so that nothing is missed that it wrote until its end.
      isLive = isRunning(await agent.getTasks(), task);
    }
  });
}

async function sandboxOf(agent: AgentOperatorClient, task: Task): Promise<string> {
  return sandboxPath({
    frameworkId: task.frameworkId?.value ?? "",
    taskId: task.taskId?.value ?? "",
    executorId: task.executorId?.value,
    containerId: await containerOf(agent, task),
  });
}

function isRunning({ pendingTasks, queuedTasks, launchedTasks }: Response_GetTasks, task: Task): boolean {
  return [...pendingTasks, ...queuedTasks, ...launchedTasks].some((other) => isSameTask(other, task));
}
