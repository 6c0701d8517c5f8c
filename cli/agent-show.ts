/** `tepui agent show`: one agent, its resources, and the tasks there. */

import type { Cell } from "../common/format-table.ts";
import { Response_GetAgents_Agent, type Response_GetState } from "../protos/gen/mesos/v1/master/master.ts";
import { AgentInfo, type Attribute } from "../protos/gen/mesos/v1/mesos.ts";
import { agentStandingCell, countsText, recoveredStanding, resourcesText, taskStateText } from "./cluster-words.ts";
import { findOne } from "./find-one.ts";
import { type OperatorOptions, withOperator } from "./operator-command.ts";
import { printDetails, printJson } from "./print.ts";
import { instantText, lengthText } from "./time-words.ts";

/** `text`: its id, the end of it, or its hostname. */
export async function showAgent(text: string, options: OperatorOptions): Promise<void> {
  await withOperator(options, async (operator) => {
    const state = await operator.getState();
    const { agents = [], recoveredAgents = [] } = state.getAgents ?? {};
    const registered = agents.map((agent) => ({ info: agent.agentInfo, agent }));
    const recovered = recoveredAgents.map((info) => ({ info, agent: undefined }));
    const candidates = [...registered, ...recovered].map((value) => ({
      id: value.info?.id?.value ?? "",
      name: value.info?.hostname,
      value,
    }));
    const { info, agent } = findOne("agent", text, candidates).value;
    if (options.json === true) {
      printJson(agent === undefined ? { agent_info: info && AgentInfo.toJSON(info) } : Response_GetAgents_Agent.toJSON(agent));
    } else printDetails([...infoDetails(info, agent), ...(agent === undefined ? [] : stateDetails(agent, state))]);
  });
}

type Detail = readonly [name: string, value: Cell | undefined];

function infoDetails(info: AgentInfo | undefined, agent: Response_GetAgents_Agent | undefined): Detail[] {
  const { region, zone } = info?.domain?.faultDomain ?? {};
  return [
    ["id", info?.id?.value],
    ["host", info?.hostname],
    ["address", agent?.pid?.replace(/^.*@/, "")],
    ["state", agent === undefined ? recoveredStanding : agentStandingCell(agent)],
    ["attributes", (info?.attributes ?? []).map(attributeText).join(", ")],
    ["domain", region === undefined ? undefined : `${region.name}/${zone?.name ?? ""}`],
  ];
}

function stateDetails(agent: Response_GetAgents_Agent, { getTasks }: Response_GetState): Detail[] {
  const nowMs = Date.now();
  const id = agent.agentInfo?.id?.value;
  const tasks = (getTasks?.tasks ?? []).filter(({ agentId }) => agentId?.value === id);
  const drain = agent.drainInfo?.config;
  const graceMs = Number(drain?.maxGracePeriod?.nanoseconds ?? 0n) / 1e6;
  const graceText = drain?.maxGracePeriod === undefined ? "" : `, each task has ${lengthText(graceMs)} at most`;
  const drained = drain === undefined ? "" : `since ${instantText(agent.estimatedDrainStartTime, nowMs)}${graceText}`;
  return [
    ["version", agent.version],
    ["registered", instantText(agent.registeredTime, nowMs)],
    ["came back", instantText(agent.reregisteredTime, nowMs)],
    ["drain", `${drained}${drain?.markGone === true ? ", then gone" : ""}`],
    ["resources", resourcesText(agent.totalResources)],
    ["in use", resourcesText(agent.allocatedResources)],
    ["offered", resourcesText(agent.offeredResources)],
    ["tasks", countsText(tasks.map((task) => taskStateText(task.state)))],
    ...tasks.map((task): Detail => ["task", `${task.taskId?.value ?? ""} (${taskStateText(task.state)})`]),
  ];
}

function attributeText({ name, text, scalar, ranges, set }: Attribute): string {
  const rangesText = ranges?.range.map(({ begin, end }) => `${begin}-${end}`).join(" ");
  return `${name}=${text?.value ?? scalar?.value ?? rangesText ?? set?.item.join(" ") ?? ""}`;
}
