/** GET_AGENTS: the registered agents, and those that are not back since this master leads. */

import { writeResources } from "../../../common/mesos-resources.ts";
import { type Resources, sumResources } from "../../../common/resources.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { Response_GetAgents_Agent } from "../../../protos/gen/mesos/v1/master/master.ts";
import type { DrainInfo, DrainState } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { AgentDescription } from "../agent-message.ts";
import type { Drain } from "../agents/standing.ts";
import { standingOf } from "../maintenance/agent-machine.ts";
import type { Agent, MasterState } from "../state.ts";
import type { AgentsSnapshot, Later } from "./snapshot.ts";

export function getAgents(state: MasterState): AgentsSnapshot {
  return {
    agents: [...state.agents.values()].map((agent) => takeAgent(state, agent)),
    recoveredAgents: [...state.recoveredAgents.values()].map((agent) => agent.info),
  };
}

/** Numbers of mesos.v1.DrainState. */
const drainStates = { draining: 1, drained: 2 } as const satisfies Record<Drain["phase"], DrainState>;

/** What of an agent changes, as it is now. */
export function takeAgent(state: MasterState, agent: Agent): Later<Response_GetAgents_Agent> {
  const deactivation = standingOf(state, agent);
  const { description, linkId, total, registeredWallMs, reregisteredWallMs } = agent;
  const drain = deactivation?.drain;
  const held: Resources[] = [];
  for (const task of agent.tasks) if (task.holdsResources) held.push(task.resources);
  for (const executor of agent.executors.values()) held.push(executor.resources);
  const offered = [...agent.offers].map((offer) => offer.resources);
  return () => ({
    agentInfo: description.info,
    active: linkId !== undefined && deactivation === undefined,
    deactivated: deactivation !== undefined,
    version: description.version,
    pid: toPid(description),
    registeredTime: toTimeInfo(registeredWallMs),
    reregisteredTime: reregisteredWallMs === undefined ? undefined : toTimeInfo(reregisteredWallMs),
    totalResources: writeResources(total, "stack"),
    allocatedResources: writeResources(sumResources(held), "stack"),
    offeredResources: writeResources(sumResources(offered), "stack"),
    capabilities: (description.capabilities ?? []).map((type) => ({ type })),
    resourceProviders: [],
    drainInfo: drain === undefined ? undefined : toDrainInfo(drain),
    estimatedDrainStartTime: drain === undefined ? undefined : toTimeInfo(drain.startedWallMs),
  });
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
