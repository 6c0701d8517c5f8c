/** GET_AGENTS: the registered agents, and those that are not back since this master leads. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { type Resources, sumResources } from "../../../common/resources.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { Response_GetAgents, Response_GetAgents_Agent } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { DrainInfo, DrainState } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentDescription } from "../agent-message.ts";
import type { Deactivation, Drain } from "../agents/standing.ts";
import { standingOf } from "../maintenance/agent-machine.ts";
import type { Agent, MasterState } from "../state.ts";

export function getAgents(state: MasterState): Response_GetAgents {
  return {
    agents: [...state.agents.values()].map((agent) => toAgentMessage(agent, standingOf(state, agent))),
    recoveredAgents: [...state.recoveredAgents.values()].map((agent) => agent.info),
  };
}

/** Numbers of mesos.v1.DrainState. */
const drainStates = { draining: 1, drained: 2 } as const satisfies Record<Drain["phase"], DrainState>;

export function toAgentMessage(agent: Agent, deactivation: Deactivation | undefined): Response_GetAgents_Agent {
  const { description } = agent;
  const drain = deactivation?.drain;
  const held: Resources[] = [];
  for (const task of agent.tasks) if (task.holdsResources) held.push(task.resources);
  for (const executor of agent.executors.values()) held.push(executor.resources);
  return {
    agentInfo: description.info,
    active: agent.linkId !== undefined && deactivation === undefined,
    deactivated: deactivation !== undefined,
    version: description.version,
    pid: toPid(description),
    registeredTime: toTimeInfo(agent.registeredWallMs),
    reregisteredTime: agent.reregisteredWallMs === undefined ? undefined : toTimeInfo(agent.reregisteredWallMs),
    totalResources: writeResources(agent.total, "stack"),
    allocatedResources: writeResources(sumResources(held), "stack"),
    offeredResources: writeResources(sumResources([...agent.offers].map((offer) => offer.resources)), "stack"),
    capabilities: (description.capabilities ?? []).map((type) => ({ type })),
    resourceProviders: [],
    drainInfo: drain === undefined ? undefined : toDrainInfo(drain),
    estimatedDrainStartTime: drain === undefined ? undefined : toTimeInfo(drain.startedWallMs),
  };
}

/** Where the agent is, in the words of Mesos; operators find the address of its machine there. */
function toPid({ ip, info }: AgentDescription): string | undefined {
  if (ip === undefined) return undefined;
  return `slave@${ip.includes(":") ? `[${ip}]` : ip}:${info.port ?? 0}`;
}

function toDrainInfo({ phase, maxGraceMs, markGone }: Drain): DrainInfo {
  const maxGracePeriod = maxGraceMs === undefined ? undefined : { nanoseconds: BigInt(Math.round(maxGraceMs * 1e6)) };
  return { state: drainStates[phase], config: { maxGracePeriod, markGone } };
}
