/** Whether an offer, or an agent at all, has what a one-off task wants, and in words what it lacks. */

import type { Response_GetAgents_Agent } from "../protos/gen/mesos/v1/master/master.ts";
import type { Attribute, Offer, Resource } from "../protos/gen/mesos/v1/mesos.ts";
import { agentStanding, scalarOf } from "./cluster-words.ts";

export interface OneOffWish {
  readonly cpus: number;
  readonly memMb: number;
  /** An agent's id, the end of it, or its hostname. */
  readonly agent: string | undefined;
  /** Attributes that the agent must have. */
  readonly constraints: readonly Constraint[];
}

export interface Constraint {
  readonly name: string;
  readonly value: string;
}

/** What to launch the task with; undefined when the offer is not enough, or not from where the task shall run. */
export function takeFrom(offer: Offer, wish: OneOffWish): Resource[] | undefined {
  const place = { agentId: offer.agentId?.value ?? "", hostname: offer.hostname, attributes: offer.attributes };
  if (placeProblem(place, wish) !== undefined) return undefined;
  const cpus = take(offer.resources, "cpus", wish.cpus);
  const mem = take(offer.resources, "mem", wish.memMb);
  return cpus === undefined || mem === undefined ? undefined : [...cpus, ...mem];
}

/** Of each piece as much as is needed: a reservation stays what it is. */
function take(resources: readonly Resource[], name: string, amount: number): Resource[] | undefined {
  let missing = amount;
  const taken: Resource[] = [];
  for (const resource of resources) {
    const value = Math.min(missing, resource.scalar?.value ?? 0);
    if (resource.name !== name || resource.revocable !== undefined || value <= 0) continue;
    taken.push({ ...resource, scalar: { value } });
    missing = round(missing - value);
  }
  return missing > 0 ? undefined : taken;
}

/** Why nothing fits, one line for each agent, and for all agents if there is none. */
export function whyNoOffer(agents: readonly Response_GetAgents_Agent[], wish: OneOffWish): string[] {
  if (agents.length === 0) return ["no agent is registered"];
  return agents.map((agent) => `${agent.agentInfo?.hostname ?? ""}: ${agentProblem(agent, wish)}`);
}

function agentProblem(agent: Response_GetAgents_Agent, wish: OneOffWish): string {
  const info = agent.agentInfo;
  const place = { agentId: info?.id?.value ?? "", hostname: info?.hostname ?? "", attributes: info?.attributes ?? [] };
  const problem = placeProblem(place, wish);
  if (problem !== undefined) return problem;
  const standing = agentStanding(agent);
  if (standing !== "active") return `is ${standing}`;
  for (const [name, wanted] of [["cpus", wish.cpus] as const, ["mem", wish.memMb] as const]) {
    const total = scalarOf(agent.totalResources, name);
    const free = round(total - scalarOf(agent.allocatedResources, name));
    if (total < wanted) return `has ${total} ${name} in all, the task wants ${wanted}`;
    if (free < wanted) return `has ${free} ${name} free of ${total}, the task wants ${wanted}`;
  }
  return "has enough, but offers it to other frameworks now, or to other roles only";
}

interface Place {
  readonly agentId: string;
  readonly hostname: string;
  readonly attributes: readonly Attribute[];
}

function placeProblem({ agentId, hostname, attributes }: Place, { agent, constraints }: OneOffWish): string | undefined {
  const isMeant = agent === undefined || agentId === agent || hostname === agent || agentId.endsWith(`-${agent}`);
  if (!isMeant) return `is not the agent ${agent}`;
  for (const { name, value } of constraints) {
    const values = attributes.filter((attribute) => attribute.name === name).map(attributeValue);
    if (values.includes(value)) continue;
    return values.length === 0 ? `has no attribute ${name}` : `has ${name}=${values.join(", ")}, not ${value}`;
  }
  return undefined;
}

function attributeValue({ text, scalar }: Attribute): string {
  return text?.value ?? String(scalar?.value ?? "");
}

/** To three digits as everywhere in the protocol. */
function round(amount: number): number {
  return Math.round(amount * 1_000) / 1_000;
}
