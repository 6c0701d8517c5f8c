/** `tepui task kill`: the end of one task, by its operator. */

import { Command } from "commander";

import { durationFlag } from "../runtime/flags.ts";
import { withExamples } from "./examples.ts";
import { findTask, type TaskFilter } from "./find-task.ts";
import { NotSoError, type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";

interface KillOptions extends OperatorOptions, TaskFilter {
  readonly grace?: number;
}

const grace = durationFlag({ description: "", fallback: undefined, minMs: 0 });

export function killCommand(): Command {
  const kill = withOperatorOptions(new Command("kill").description("Ends a task as its framework could, which hears that it was killed."))
    .argument("<task-id>")
    .option("--framework <framework-id>", "whose task it is, where several have one of this id")
    .option("--grace <duration>", 'how long the task may take, like "30s" (default: its own)', grace.parse)
    .action(killTask);
  return withExamples(kill, ["task kill task-1", "task kill task-1 --framework batch --grace 30s"]);
}

/** An order wants the whole id: names may be those of many. */
async function killTask(taskId: string, options: KillOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const { taskId: id, frameworkId } = findTask(await operator.getState(), taskId, options);
    if (id?.value !== taskId) throw new NotSoError(`task "${taskId}" must be named by its id, which is ${id?.value ?? ""}`);
    await operator.killTask(frameworkId?.value ?? "", taskId, { graceMs: options.grace });
    const done = "is being killed";
    const fields = { task_id: taskId, framework_id: frameworkId?.value, done };
    sayDone(options, fields, `task ${taskId} of framework ${frameworkId?.value ?? ""} ${done}`);
  });
}
