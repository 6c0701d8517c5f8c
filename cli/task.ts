/** `tepui task`: what runs on the cluster, and what ran. */

import { Command } from "commander";
import type { Cell } from "../common/format-table.ts";
import { type Response_GetState, Response_GetTasks } from "../protos/gen/mesos/v1/master/master.ts";
import { Task, type TaskStatus } from "../protos/gen/mesos/v1/mesos.ts";
import { resourcesText, scalarOf, taskStateCell, taskStateText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { agentsOf, findTask, frameworksOf, type TaskFilter, taskFilter } from "./find-task.ts";
import { type OperatorOptions, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printDetails, printJson, printTable } from "./print.ts";
import { execCommand } from "./task-exec.ts";
import { killCommand } from "./task-kill.ts";
import { logsCommand } from "./task-logs.ts";

export function taskCommand(): Command {
  const list = withOperatorOptions(new Command("list").description("Lists the tasks that run, and those on agents that do not answer."))
    .option("--all", "the last ones that ended, too")
    .option("--framework <framework-id>", "only those of a framework: its id, the end of it, or its name")
    .option("--agent <agent-id>", "only those on an agent: its id, the end of it, or its hostname")
    .action(listTasks);
  const show = withOperatorOptions(new Command("show").description("Says all there is to know of a task."))
    .argument("<task-id>", "its id, or its name")
    .option("--framework <framework-id>", "whose task it is, where several have one of this id")
    .action(showTask);
  return new Command("task")
    .enablePositionalOptions()
    .description("What runs on the cluster, and what ran.")
    .addCommand(withExamples(list, ["task list", "task list --framework batch --all", "task list --agent S0 --json"]))
    .addCommand(withExamples(show, ["task show task-1", "task show task-1 --framework 0001"]))
    .addCommand(killCommand())
    .addCommand(logsCommand())
    .addCommand(execCommand());
}

interface TaskOptions extends OperatorOptions, TaskFilter {
  readonly all?: boolean;
}

const header = ["ID", "NAME", "FRAMEWORK", "AGENT", "STATE", "CPUS", "MEM"];

async function listTasks(options: TaskOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const state = await operator.getState();
    const belongs = taskFilter(state, options);
    const { tasks = [], unreachableTasks = [], completedTasks = [] } = state.getTasks ?? {};
    const shown: Response_GetTasks = {
      pendingTasks: [],
      tasks: tasks.filter(belongs),
      unreachableTasks: unreachableTasks.filter(belongs),
      completedTasks: options.all === true ? completedTasks.filter(belongs) : [],
      orphanTasks: [],
    };
    if (options.json === true) {
      printJson(Response_GetTasks.toJSON(shown));
      return;
    }
    const names = namesOf(state);
    const rows = [...shown.tasks, ...shown.unreachableTasks, ...shown.completedTasks].map((task) => toRow(task, names));
    if (rows.length === 0) console.log(options.all === true ? "there is no task" : "no task runs; --all shows those that ended, too");
    else printTable([header, ...rows], ["FRAMEWORK", "AGENT", "NAME", "ID"]);
  });
}

async function showTask(text: string, options: TaskOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const state = await operator.getState();
    const task = findTask(state, text, options);
    if (options.json === true) printJson(Task.toJSON(task));
    else printDetails(toDetails(task, namesOf(state)));
  });
}

/** Of frameworks and agents, by their id. */
function namesOf(state: Response_GetState): ReadonlyMap<string, string> {
  return new Map([...frameworksOf(state), ...agentsOf(state)].map(({ id, name = id }) => [id, name]));
}

function toRow({ taskId, name, frameworkId, agentId, state, resources }: Task, names: ReadonlyMap<string, string>): Cell[] {
  const whose = [frameworkId?.value ?? "", agentId?.value ?? ""].map((id) => names.get(id) ?? id);
  const amounts = ["cpus", "mem"].map((resource) => String(scalarOf(resources, resource)));
  return [taskId?.value ?? "", name, ...whose, taskStateCell(state), ...amounts];
}

function toDetails(task: Task, names: ReadonlyMap<string, string>) {
  const named = (id = ""): string => (names.has(id) ? `${id} (${names.get(id)})` : id);
  const labels = (task.labels?.labels ?? []).map(({ key, value }) => (value === undefined ? key : `${key}=${value}`));
  return [
    ["id", task.taskId?.value],
    ["name", task.name],
    ["state", taskStateCell(task.state)],
    ["framework", named(task.frameworkId?.value)],
    ["agent", named(task.agentId?.value)],
    ["executor", task.executorId?.value],
    ["user", task.user],
    ["resources", resourcesText(task.resources)],
    ["labels", labels.join(", ")],
    ...task.statuses.map((status) => ["update", updateText(status)] as const),
  ] as const;
}

/** "14:03:11Z running: the message". */
function updateText({ timestamp, state, message = "" }: TaskStatus): string {
  const time = timestamp === undefined ? "" : `${new Date(timestamp * 1_000).toISOString().slice(11, 19)}Z `;
  return `${time}${taskStateText(state)}${message === "" ? "" : `: ${message}`}`;
}
