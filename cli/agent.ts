/** `tepui agent`: the cluster's agents, and taking them out of service and back. */

import { Command } from "commander";
import type { Cell } from "../common/format-table.ts";
import { Response_GetAgents, type Response_GetAgents_Agent } from "../protos/gen/mesos/v1/master/master.ts";
import { durationFlag } from "../runtime/flags.ts";
import { showAgent } from "./agent-show.ts";
import { agentStandingCell, recoveredStanding, usedText } from "./cluster-words.ts";
import { withExamples } from "./examples.ts";
import { type OperatorOptions, sayDone, withOperator, withOperatorOptions } from "./operator-command.ts";
import { printJson, printTable } from "./print.ts";

const grace = durationFlag({ description: "", fallback: undefined, minMs: 0 });

export function agentCommand(): Command {
  const list = withOperatorOptions(new Command("list").description("Lists the agents and how they stand.")).action(listAgents);
  const show = withOperatorOptions(new Command("show").description("Says all there is to know of an agent, and what runs there."))
    .argument("<agent-id>", "its id, the end of it, or its hostname")
    .action(showAgent);
  const drain = withOperatorOptions(new Command("drain").description("Ends everything on an agent, and offers it no more."))
    .argument("<agent-id>")
    .option("--max-grace <duration>", 'the longest grace of a task, like "30s" (default: each has its own)', grace.parse)
    .option("--mark-gone", "use the agent's id up when it is empty: it never comes back")
    .action(drainAgent);
  return new Command("agent")
    .description("The cluster's agents, and taking them out of service and back.")
    .addCommand(withExamples(list, ["agent list", "agent list --json"]))
    .addCommand(withExamples(show, ["agent show S0", "agent show host-1"]))
    .addCommand(withExamples(drain, [`agent drain ${exampleId}`, `agent drain ${exampleId} --max-grace 30s --mark-gone`]))
    .addCommand(order("deactivate", "Stops offers of an agent; its tasks run on."))
    .addCommand(order("reactivate", "Begins offers of a deactivated or drained agent again."))
    .addCommand(order("gone", "Says that an agent never comes back: its id is used up, its tasks are announced as ended."));
}

/** An order wants the whole id, so that none is given to the wrong agent by a slip. */
const exampleId = "4b0ee5d5-6cd2-4d6b-9e0e-ecb6b7e7e0c7-S0";

function order(verb: Verb, description: string): Command {
  const command = withOperatorOptions(new Command(verb).description(description))
    .argument("<agent-id>")
    .action((agentId: string, options: OperatorOptions) =>
      withOperator(options, async (operator) => {
        const { call, done } = verbs[verb];
        await operator[call](agentId);
        sayDone(options, { agent_id: agentId, ok: true }, `agent ${agentId} ${done}`);
      }),
    );
  return withExamples(command, [`agent ${verb} ${exampleId}`]);
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

async function drainAgent(agentId: string, options: DrainOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    await operator.drainAgent(agentId, { maxGraceMs: options.maxGrace, markGone: options.markGone === true });
    sayDone(options, { agent_id: agentId, ok: true }, `agent ${agentId} drains; \`tepui agent list\` says when it is done`);
  });
}

const header = ["ID", "HOST", "STATE", "CPUS", "MEM", "VERSION"];

async function listAgents(options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const response = await operator.getAgents();
    const rows = [...response.agents.map(toRow), ...response.recoveredAgents.map(toRecoveredRow)];
    if (options.json === true) printJson(Response_GetAgents.toJSON(response));
    else if (rows.length === 0) console.log("no agent is registered");
    else printTable([header, ...rows], ["VERSION", "ID"]);
  });
}

function toRow(agent: Response_GetAgents_Agent): Cell[] {
  const { agentInfo, totalResources: total, allocatedResources: used, version } = agent;
  const amounts = ["cpus", "mem"].map((name) => usedText(used, total, name));
  return [agentInfo?.id?.value ?? "", agentInfo?.hostname ?? "", agentStandingCell(agent), ...amounts, version];
}

function toRecoveredRow({ id, hostname }: Response_GetAgents["recoveredAgents"][number]): Cell[] {
  return [id?.value ?? "", hostname, recoveredStanding, "", "", ""];
}
