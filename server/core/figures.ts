/** What a leader counts of its cluster, for those who watch it: how many of what are in which state, and whose the resources are. */

import { topRole } from "../../common/roles.ts";
import type { TaskState } from "../../common/task-state.ts";
import { countQuantities, type Quantities } from "./allocator/share.ts";
import { standingOf } from "./maintenance/agent-machine.ts";
import type { ScheduledMachine } from "./maintenance/schedule.ts";
import { consumedMilli } from "./roles/consumption.ts";
import type { Agent, FrameworkConnection, MasterState } from "./state.ts";

/** Each agent is in one of these; `withheld` is connected, and taken out of service by an order or by the window of its machine. */
export type AgentStanding = "active" | "withheld" | "disconnected" | "recovered" | "unreachable";

export interface ClusterFigures {
  readonly agents: Readonly<Record<AgentStanding, number>>;
  readonly machines: Readonly<Record<ScheduledMachine["mode"], number>>;
  readonly frameworks: Readonly<Record<FrameworkConnection["kind"], number>>;
  /** As the newest update says, those on unreachable agents, too; a task whose end is acknowledged is none any more. */
  readonly tasks: ReadonlyMap<TaskState, number>;
  readonly offers: Readonly<Record<"offer" | "inverse", number>>;
  /** Thousandths of what registered agents have, by name of scalar. */
  readonly resources: { readonly total: Quantities; readonly allocated: Quantities; readonly offered: Quantities };
  readonly quotas: readonly QuotaFigures[];
}

/** Of one resource and one top-level role with a quota; thousandths. */
export interface QuotaFigures {
  readonly role: string;
  readonly name: string;
  readonly guaranteeMilli: number | undefined;
  readonly limitMilli: number | undefined;
  readonly consumedMilli: number;
}

/** Walks over agents, tasks and offers: for somebody who asks every few seconds. */
export function clusterFigures(state: MasterState): ClusterFigures {
  return {
    agents: countAgents(state),
    machines: countBy(["draining", "down"], state.maintenance.machines.values(), ({ mode }) => mode),
    frameworks: countBy(["connected", "disconnected", "recovered"], state.frameworks.values(), ({ connection }) => connection.kind),
    tasks: countTasks(state),
    offers: { offer: state.offers.size, inverse: state.inverseOffers.size },
    resources: sumUse(state),
    quotas: quotaFigures(state),
  };
}

function countAgents(state: MasterState): Record<AgentStanding, number> {
  const registered = countBy(["active", "withheld", "disconnected"], state.agents.values(), (agent) => standing(state, agent));
  return { ...registered, recovered: state.recoveredAgents.size, unreachable: state.unreachableAgents.size };
}

function standing(state: MasterState, agent: Agent): "active" | "withheld" | "disconnected" {
  if (agent.linkId === undefined) return "disconnected";
  return standingOf(state, agent) === undefined ? "active" : "withheld";
}

function countTasks({ frameworks }: MasterState): Map<TaskState, number> {
  const counts = new Map<TaskState, number>();
  for (const { tasks, unreachableTasks } of frameworks.values()) {
    for (const own of [tasks, unreachableTasks]) {
      for (const { state } of own.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  return counts;
}

/** Whatever is taken is a task's, an executor's or an offer's. */
function sumUse({ allocation, offers }: MasterState): ClusterFigures["resources"] {
  const offered = new Map<string, number>();
  for (const { resources } of offers.values()) countQuantities(offered, resources, 1);
  const allocated = new Map<string, number>();
  for (const [role, { subtree }] of allocation.roles) {
    if (topRole(role) !== role) continue;
    for (const [name, milli] of subtree.quantities) allocated.set(name, (allocated.get(name) ?? 0) + milli);
  }
  for (const [name, milli] of offered) allocated.set(name, (allocated.get(name) ?? 0) - milli);
  return { total: allocation.totals, allocated, offered };
}

function quotaFigures(state: MasterState): QuotaFigures[] {
  return [...state.quotas.current].flatMap(([role, { guarantees, limits }]) =>
    [...new Set([...guarantees.keys(), ...limits.keys()])].map((name) => ({
      role,
      name,
      guaranteeMilli: guarantees.get(name),
      limitMilli: limits.get(name),
      consumedMilli: consumedMilli(state, role, name),
    })),
  );
}

/** Every key is there, also if nothing is of that kind. */
function countBy<Key extends string, Item>(keys: readonly Key[], items: Iterable<Item>, keyOf: (item: Item) => Key): Record<Key, number> {
  const counts = new Map<Key, number>(keys.map((key) => [key, 0]));
  for (const item of items) {
    const key = keyOf(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(counts) as Record<Key, number>;
}
