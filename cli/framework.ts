/** `tepui framework`: who runs something on the cluster. */

import { Command } from "commander";
import {
  Response_GetFrameworks,
  Response_GetFrameworks_Framework,
  type Response_GetState,
  type Response_GetTasks,
} from "../protos/gen/mesos/v1/master/master.ts";
import { FrameworkInfo_Capability_Type } from "../protos/gen/mesos/v1/mesos.ts";
import { countsText, frameworkStanding, resourcesText, rolesOf, scalarOf, taskStateText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { findOne } from "./find-one.ts";
import { type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printDetails, printJson, printTable } from "./print.ts";
import { distanceText, instantText, lengthText } from "./time-words.ts";

export function frameworkCommand(): Command {
  const list = withOperatorOptions(new Command("list").description("Lists the frameworks and what they hold."))
    .option("--all", "those that ended, too")
    .action(listFrameworks);
  const show = withOperatorOptions(new Command("show").description("Says all there is to know of a framework."))
    .argument("<framework-id>", "its id, the end of it, or its name")
    .action(showFramework);
  const teardown = withOperatorOptions(
    new Command("teardown").description("Ends a framework for good: its tasks are killed, its id is used up."),
  )
    .argument("<framework-id>")
    .action(teardownFramework);
  return new Command("framework")
    .description("Who runs something on the cluster.")
    .addCommand(withExamples(list, ["framework list", "framework list --all --json"]))
    .addCommand(withExamples(show, ["framework show 0001", "framework show batch"]))
    .addCommand(withExamples(teardown, ["framework teardown 4b0ee5d5-6cd2-4d6b-9e0e-ecb6b7e7e0c7-0001"]));
}

type Framework = Response_GetFrameworks_Framework;

interface ListOptions extends OperatorOptions {
  readonly all?: boolean;
}

const header = ["ID", "NAME", "ROLES", "STATE", "TASKS", "CPUS", "MEM", "SINCE"];

async function listFrameworks(options: ListOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const state = await operator.getState();
    const { frameworks = [], completedFrameworks: ended = [] } = state.getFrameworks ?? {};
    const completedFrameworks = options.all === true ? ended : [];
    if (options.json === true) {
      printJson(Response_GetFrameworks.toJSON({ frameworks, completedFrameworks, recoveredFrameworks: [] }));
      return;
    }
    const counts = taskCounts(state.getTasks);
    const shown = [...frameworks, ...completedFrameworks];
    if (shown.length === 0) console.log("no framework is registered");
    else printTable([header, ...shown.map((framework) => toRow(framework, counts))], ["ROLES", "ID", "NAME"]);
  });
}

function taskCounts(tasks: Response_GetTasks | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { frameworkId } of tasks?.tasks ?? []) {
    const id = frameworkId?.value ?? "";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function toRow(framework: Framework, counts: ReadonlyMap<string, number>) {
  const { frameworkInfo, allocatedResources: held, registeredTime } = framework;
  const id = idOf(framework);
  const amounts = [String(counts.get(id) ?? 0), String(scalarOf(held, "cpus")), String(scalarOf(held, "mem"))];
  const since = distanceText(registeredTime, Date.now());
  return [id, frameworkInfo?.name ?? "", rolesOf(framework).join(","), frameworkStanding(framework), ...amounts, since];
}

async function showFramework(text: string, options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const state = await operator.getState();
    const { frameworks = [], completedFrameworks = [] } = state.getFrameworks ?? {};
    const candidates = [...frameworks, ...completedFrameworks].map((one) => ({ id: idOf(one), name: one.frameworkInfo?.name, value: one }));
    const { value } = findOne("framework", text, candidates);
    if (options.json === true) printJson(Response_GetFrameworks_Framework.toJSON(value));
    else printDetails(toDetails(value, state));
  });
}

function toDetails(framework: Framework, state: Response_GetState) {
  const info = framework.frameworkInfo;
  const id = idOf(framework);
  const { tasks = [], unreachableTasks = [], completedTasks = [] } = state.getTasks ?? {};
  const own = [...tasks, ...unreachableTasks].filter(({ frameworkId }) => frameworkId?.value === id);
  const ended = completedTasks.filter(({ frameworkId }) => frameworkId?.value === id);
  const capabilities = (info?.capabilities ?? []).map(({ type }) => capabilityText(type));
  const nowMs = Date.now();
  return [
    ["id", id],
    ["name", info?.name],
    ["user", info?.user],
    ["principal", info?.principal],
    ["host", info?.hostname],
    ["web page", info?.webuiUrl],
    ["roles", rolesOf(framework).join(", ")],
    ["capabilities", capabilities.join(", ")],
    ["state", frameworkStanding(framework)],
    ["registered", instantText(framework.registeredTime, nowMs)],
    ["came back", instantText(framework.reregisteredTime, nowMs)],
    ["ended", instantText(framework.unregisteredTime, nowMs)],
    ["may be away for", lengthText((info?.failoverTimeout ?? 0) * 1_000)],
    ["holds", resourcesText(framework.allocatedResources)],
    ["is offered", resourcesText(framework.offeredResources)],
    ["tasks", countsText(own.map((task) => taskStateText(task.state)))],
    ["ended tasks", countsText(ended.map((task) => taskStateText(task.state)))],
  ] as const;
}

function capabilityText(type: FrameworkInfo_Capability_Type | undefined): string {
  const name = Object.entries(FrameworkInfo_Capability_Type).find(([, number]) => number === type)?.[0] ?? "unknown";
  return name.replaceAll("_", " ").toLowerCase();
}

async function teardownFramework(frameworkId: string, options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    await operator.teardown(frameworkId);
    sayDone(options, { framework_id: frameworkId, ok: true }, `framework ${frameworkId} has ended; its tasks are killed`);
  });
}

function idOf({ frameworkInfo }: Framework): string {
  return frameworkInfo?.id?.value ?? "";
}
