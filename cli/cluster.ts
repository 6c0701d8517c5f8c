/** `tepui cluster`: the cluster as a whole. */

import { Command } from "commander";
import type { OperatorClient } from "../client/operator-client.ts";
import type { Response_GetMaster, Response_GetState } from "../protos/gen/mesos/v1/master/master.ts";
import type { Resource } from "../protos/gen/mesos/v1/mesos.ts";
import { MachineInfo_Mode } from "../protos/gen/mesos/v1/mesos.ts";
import type { MaintenanceProgress } from "../protos/gen/tepui/v1/maintenance.ts";
import { eventsCommand } from "./cluster-events.ts";
import { waitCommand } from "./cluster-wait.ts";
import { agentStanding, countEach, countsText, scalarOf, taskStateText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printDetails, printJson, printTable } from "./print.ts";
import { instantText } from "./time-words.ts";

export function clusterCommand(): Command {
  const status = withOperatorOptions(new Command("status").description("Says who leads, what is there, and how much of it is used."));
  return new Command("cluster")
    .description("The cluster as a whole.")
    .addCommand(withExamples(status.action(showStatus), ["cluster status", "cluster status --json"]))
    .addCommand(eventsCommand())
    .addCommand(waitCommand());
}

/** Everything that is told, as plain values. */
interface Status {
  readonly leader: string;
  readonly version: string;
  readonly elected: string;
  readonly agents: readonly string[];
  readonly frameworks: readonly string[];
  readonly tasks: readonly string[];
  readonly machines: readonly string[];
  readonly resources: readonly ResourceUse[];
}

interface ResourceUse {
  readonly name: string;
  readonly used: number;
  readonly offered: number;
  readonly total: number;
}

async function showStatus(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const status = await lookAt(operator);
    if (options.json === true) printJson(toJson(status));
    else print(status);
  });
}

/** The state first: only the leader answers it, and the client asks the same master again. */
async function lookAt(operator: OperatorClient): Promise<Status> {
  const state = await operator.getState();
  const master = await operator.getMaster();
  const progress = await operator.getMaintenanceProgress();
  return toStatus({ address: operator.leader ?? "", master }, state, progress);
}

interface Leader {
  readonly address: string;
  readonly master: Response_GetMaster;
}

function toStatus({ address, master }: Leader, state: Response_GetState, progress: MaintenanceProgress): Status {
  const { masterInfo, electedTime } = master;
  const { agents = [], recoveredAgents = [] } = state.getAgents ?? {};
  const { frameworks = [] } = state.getFrameworks ?? {};
  const { tasks = [], unreachableTasks = [] } = state.getTasks ?? {};
  const elected = electedTime === undefined ? undefined : { nanoseconds: BigInt(Math.round(electedTime * 1e3)) * 1_000_000n };
  return {
    leader: address,
    version: masterInfo?.version ?? "",
    elected: instantText(elected, Date.now()),
    agents: [...agents.map(agentStanding), ...recoveredAgents.map(() => "awaited")],
    frameworks: frameworks.map(({ connected }) => (connected ? "connected" : "disconnected")),
    tasks: [...tasks, ...unreachableTasks].map((task) => taskStateText(task.state)),
    machines: progress.machines.map(({ mode }) => (mode === MachineInfo_Mode.DOWN ? "down" : "with a window")),
    resources: usesOf(
      agents.flatMap(({ totalResources }) => totalResources),
      agents.flatMap(({ allocatedResources }) => allocatedResources),
      agents.flatMap(({ offeredResources }) => offeredResources),
    ),
  };
}

function usesOf(total: readonly Resource[], used: readonly Resource[], offered: readonly Resource[]): ResourceUse[] {
  const names = [...new Set(total.filter(({ scalar }) => scalar !== undefined).map(({ name }) => name))];
  return names.map((name) => ({
    name,
    used: scalarOf(used, name),
    offered: scalarOf(offered, name),
    total: scalarOf(total, name),
  }));
}

function print({ leader, version, elected, agents, frameworks, tasks, machines, resources }: Status): void {
  printDetails([
    ["leader", `${leader}, version ${version}`],
    ["leads since", elected],
    ["agents", countsText(agents)],
    ["frameworks", countsText(frameworks)],
    ["tasks", countsText(tasks)],
    ["machines", machines.length === 0 ? undefined : countsText(machines)],
  ]);
  if (resources.length === 0) return;
  const rows = resources.map(({ name, used, offered, total }) => [name, String(used), String(offered), String(total), share(used, total)]);
  console.log("");
  printTable([["RESOURCE", "USED", "OFFERED", "TOTAL", "SHARE"], ...rows]);
}

function share(used: number, total: number): string {
  return total === 0 ? "" : `${Math.round((used / total) * 100)}%`;
}

function toJson({ leader, version, agents, frameworks, tasks, machines, resources }: Status): unknown {
  const counts = (words: readonly string[]): unknown => Object.fromEntries([...countEach(words)]);
  return {
    leader,
    version,
    agents: counts(agents),
    frameworks: counts(frameworks),
    tasks: counts(tasks),
    machines: counts(machines),
    resources: Object.fromEntries(resources.map(({ name, used, offered, total }) => [name, { used, offered, total }])),
  };
}
