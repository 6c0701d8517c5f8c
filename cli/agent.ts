/** `tepui agent`: the cluster's agents, and taking them out of service and back. */

import { Command } from "commander";
import { formatTable } from "../common/format-table.ts";
import type { Response_GetAgents_Agent } from "../protos/gen/mesos/v1/master/master.ts";
import { Response_GetAgents } from "../protos/gen/mesos/v1/master/master.ts";
import { DrainState, type Resource } from "../protos/gen/mesos/v1/mesos.ts";
import { durationFlag } from "../runtime/flags.ts";
import { type OperatorOptions, withOperator, withOperatorOptions } from "./operator-command.ts";

const grace = durationFlag({ description: "", fallback: undefined, minMs: 0 });

export function agentCommand(): Command {
  return new Command("agent")
    .description("The cluster's agents, and taking them out of service and back.")
    .addCommand(withOperatorOptions(new Command("list").description("Lists the agents and how they stand.")).action(list))
    .addCommand(
      withOperatorOptions(new Command("drain").description("Ends everything on an agent, and offers it no more."))
        .argument("<agent-id>")
        .option("--max-grace <duration>", 'the longest grace of a task, like "30s" (default: each has its own)', grace.parse)
        .option("--mark-gone", "use the agent's id up when it is empty: it never comes back")
        .action(drain),
    )
    .addCommand(order("deactivate", "Stops offers of an agent; its tasks run on."))
    .addCommand(order("reactivate", "Begins offers of a deactivated or drained agent again."))
    .addCommand(order("gone", "Says that an agent never comes back: its id is used up, its tasks are announced as ended."));
}

function order(verb: Verb, description: string): Command {
  return withOperatorOptions(new Command(verb).description(description))
    .argument("<agent-id>")
    .action((agentId: string, options: OperatorOptions) =>
      withOperator(options, async (operator) => {
        const { call, done } = verbs[verb];
        await operator[call](agentId);
        say(options, { agentId, done });
      }),
    );
}

const verbs = {
  deactivate: { call: "deactivateAgent", done: "is deactivated" },
  reactivate: { call: "reactivateAgent", done: "is offered again" },
  gone: { call: "markAgentGone", done: "is gone" },
} as const;

type Verb = keyof typeof verbs;

interface DrainOptions extends OperatorOptions {
  readonly maxGrace?: number;
  readonly markGone?: boolean;
}

async function drain(agentId: string, options: DrainOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    await operator.drainAgent(agentId, { maxGraceMs: options.maxGrace, markGone: options.markGone === true });
    say(options, { agentId, done: "drains; `tepui agent list` says when it is done" });
  });
}

function say(options: OperatorOptions, { agentId, done }: { agentId: string; done: string }): void {
  console.log(options.json === true ? JSON.stringify({ agent_id: agentId, ok: true }) : `agent ${agentId} ${done}`);
}

async function list(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const response = await operator.getAgents();
    if (options.json === true) console.log(JSON.stringify(Response_GetAgents.toJSON(response)));
    else console.log(formatTable([header, ...response.agents.map(toRow), ...response.recoveredAgents.map(toRecoveredRow)]));
  });
}

const header = ["ID", "HOST", "STATE", "CPUS", "MEM", "VERSION"];

function toRow(agent: Response_GetAgents_Agent): string[] {
  const { agentInfo, totalResources, allocatedResources, version } = agent;
  const used = (name: string): string => `${scalar(allocatedResources, name)}/${scalar(totalResources, name)}`;
  return [agentInfo?.id?.value ?? "", agentInfo?.hostname ?? "", standing(agent), used("cpus"), used("mem"), version];
}

function toRecoveredRow({ id, hostname }: Response_GetAgents["recoveredAgents"][number]): string[] {
  return [id?.value ?? "", hostname, "awaited since the failover", "", "", ""];
}

function standing({ active, deactivated, drainInfo }: Response_GetAgents_Agent): string {
  if (drainInfo !== undefined) return drainInfo.state === DrainState.DRAINED ? "drained" : "draining";
  if (deactivated) return "deactivated";
  return active ? "active" : "disconnected";
}

function scalar(resources: readonly Resource[], name: string): number {
  const sum = resources.reduce((total, resource) => total + (resource.name === name ? (resource.scalar?.value ?? 0) : 0), 0);
  return Math.round(sum * 1_000) / 1_000;
}
