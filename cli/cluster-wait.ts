/** `tepui cluster wait`: until the cluster is as a script needs it. */

import { Command } from "commander";
import { CallError } from "../client/call-error.ts";
import type { OperatorClient } from "../client/operator-client.ts";
import { TaskState } from "../protos/gen/mesos/v1/mesos.ts";
import { parseCount } from "../runtime/command-line.ts";
import { durationFlag } from "../runtime/flags.ts";
import { agentStanding } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { NotSoError, type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { lengthText } from "./time-words.ts";

/** Often enough for a script, and next to nothing for a master. */
const lookEveryMs = 250;

const timeoutDefaultMs = 60_000;

interface WaitOptions extends OperatorOptions {
  readonly leader?: boolean;
  readonly agents?: number;
  readonly frameworks?: number;
  readonly tasks?: number;
  readonly timeout: number;
}

export function waitCommand(): Command {
  const timeout = durationFlag({ description: "", fallback: timeoutDefaultMs, minMs: 0 });
  const command = withOperatorOptions(new Command("wait").description("Waits until the cluster is as asked for; all of it at once."))
    .option("--leader", "a master leads; this is asked for in any case")
    .option("--agents <count>", "so many agents are active, or more", parseCount)
    .option("--frameworks <count>", "so many frameworks are connected, or more", parseCount)
    .option("--tasks <count>", "so many tasks run, or more", parseCount)
    .option("--timeout <duration>", 'how long to wait, like "30s"', timeout.parse, timeoutDefaultMs)
    .action(wait);
  return withExamples(command, ["cluster wait --leader", "cluster wait --agents 3 --timeout 2m"]);
}

async function wait(options: WaitOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const startMs = performance.now();
    for (;;) {
      const missing = await missingOf(operator, options);
      if (missing.length === 0) break;
      const waitedMs = performance.now() - startMs;
      if (waitedMs >= options.timeout) throw new NotSoError(`not so after ${lengthText(waitedMs)}: ${missing.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(lookEveryMs, options.timeout - waitedMs)));
    }
    sayDone(options, { ok: true }, "it is so");
  });
}

/** What is not as asked for yet: "2 of 3 agents are active". Without a leader there is nothing more to know. */
async function missingOf(operator: OperatorClient, options: WaitOptions): Promise<string[]> {
  try {
    const asked = [
      [options.agents, "agents are active", () => countActiveAgents(operator)],
      [options.frameworks, "frameworks are connected", () => countConnectedFrameworks(operator)],
      [options.tasks, "tasks run", () => countRunningTasks(operator)],
    ] as const;
    if (asked.every(([wanted]) => wanted === undefined)) await operator.getAgents();
    const missing: string[] = [];
    for (const [wanted, words, count] of asked) {
      if (wanted === undefined) continue;
      const found = await count();
      if (found < wanted) missing.push(`${found} of ${wanted} ${words}`);
    }
    return missing;
  } catch (error) {
    if (error instanceof CallError && (error.code === "UNAVAILABLE" || error.code === "FAILED_PRECONDITION")) return ["no master leads"];
    throw error;
  }
}

async function countActiveAgents(operator: OperatorClient): Promise<number> {
  return (await operator.getAgents()).agents.filter((agent) => agentStanding(agent) === "active").length;
}

async function countConnectedFrameworks(operator: OperatorClient): Promise<number> {
  return (await operator.getFrameworks()).frameworks.filter(({ connected }) => connected).length;
}

async function countRunningTasks(operator: OperatorClient): Promise<number> {
  return (await operator.getTasks()).tasks.filter(({ state }) => state === TaskState.TASK_RUNNING).length;
}
