/** GET_AGENTS: the registered agents, and those that are not back since this master leads. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { sumResources } from "../../../common/resources.ts";
import type { Response_GetAgents, Response_GetAgents_Agent } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { Agent, MasterState } from "../state.ts";
import { toTimeInfo } from "./time-info.ts";

export function getAgents(state: MasterState): Response_GetAgents {
  return {
    agents: [...state.agents.values()].map(toAgentMessage),
    recoveredAgents: [...state.recoveredAgents.values()].map((agent) => agent.info),
  };
}

function toAgentMessage(agent: Agent): Response_GetAgents_Agent {
  const { description } = agent;
  const held = [...agent.tasks].filter((task) => task.holdsResources).map((task) => task.resources);
  held.push(...[...agent.executors.values()].map((executor) => executor.resources));
  return {
    agentInfo: description.info,
    active: agent.linkId !== undefined,
    deactivated: false,
    version: description.version,
    registeredTime: toTimeInfo(agent.registeredWallMs),
    reregisteredTime: agent.reregisteredWallMs === undefined ? undefined : toTimeInfo(agent.reregisteredWallMs),
    totalResources: writeResources(agent.total, "stack"),
    allocatedResources: writeResources(sumResources(held), "stack"),
    offeredResources: writeResources(sumResources([...agent.offers].map((offer) => offer.resources)), "stack"),
    capabilities: [],
    resourceProviders: [],
  };
}
