/** How agents, frameworks, tasks and their resources are said in a few words. */

import type { Cell, Style } from "../common/format-table.ts";
import type { Response_GetAgents_Agent, Response_GetFrameworks_Framework } from "../protos/gen/mesos/v1/master/master.ts";
import { DrainState, type Resource, TaskState, type Value_Range, Value_Type } from "../protos/gen/mesos/v1/mesos.ts";

/** "running", "gone by operator". */
export function taskStateText(state: TaskState): string {
  const name = Object.entries(TaskState).find(([, number]) => number === state)?.[0] ?? `state ${state}`;
  return name.replace("TASK_", "").replaceAll("_", " ").toLowerCase();
}

const endedWell: ReadonlySet<TaskState> = new Set([TaskState.TASK_FINISHED, TaskState.TASK_KILLED]);
const onItsWay: ReadonlySet<TaskState> = new Set([TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_KILLING]);

export function taskStateCell(state: TaskState): Cell {
  const text = taskStateText(state);
  if (endedWell.has(state)) return text;
  return { text, style: state === TaskState.TASK_RUNNING ? "green" : onItsWay.has(state) ? "yellow" : "red" };
}

export type AgentStanding = "active" | "deactivated" | "draining" | "drained" | "disconnected";

export function agentStanding({ active, deactivated, drainInfo }: Response_GetAgents_Agent): AgentStanding {
  if (drainInfo !== undefined) return drainInfo.state === DrainState.DRAINED ? "drained" : "draining";
  if (deactivated) return "deactivated";
  return active ? "active" : "disconnected";
}

const standingStyles = {
  active: "green",
  deactivated: "yellow",
  draining: "yellow",
  drained: "yellow",
  disconnected: "red",
} as const satisfies Record<AgentStanding, Style>;

export function agentStandingCell(agent: Response_GetAgents_Agent): Cell {
  const text = agentStanding(agent);
  return { text, style: standingStyles[text] };
}

/** What an agent that has not come back since the master took over is. */
export const recoveredStanding: Cell = { text: "awaited since the failover", style: "yellow" };

export function frameworkStanding({ connected, active, unregisteredTime }: Response_GetFrameworks_Framework): Cell {
  if (unregisteredTime !== undefined) return "completed";
  if (!connected) return { text: "disconnected", style: "red" };
  return active ? { text: "connected", style: "green" } : { text: "inactive", style: "yellow" };
}

/** The roles that a framework is in, by either of the fields that say it. */
export function rolesOf({ frameworkInfo }: Response_GetFrameworks_Framework): readonly string[] {
  const { roles = [], role = "*" } = frameworkInfo ?? {};
  return roles.length > 0 ? roles : [role];
}

/** Of all resources with this name, to three digits as everywhere in the protocol. */
export function scalarOf(resources: readonly Resource[], name: string): number {
  const sum = resources.reduce((total, resource) => total + (resource.name === name ? (resource.scalar?.value ?? 0) : 0), 0);
  return Math.round(sum * 1_000) / 1_000;
}

/** "1/4": how much of it is used. */
export function usedText(used: readonly Resource[], total: readonly Resource[], name: string): string {
  return `${scalarOf(used, name)}/${scalarOf(total, name)}`;
}

/** "cpus 4, mem 1024, ports 31000-32000": those of one name together, whoever they are reserved for. */
export function resourcesText(resources: readonly Resource[]): string {
  const names = [...new Set(resources.map(({ name }) => name))];
  return names.map((name) => `${name} ${amountText(resources.filter((resource) => resource.name === name))}`).join(", ");
}

function amountText(resources: readonly Resource[]): string {
  const [first] = resources;
  if (first === undefined || first.type === Value_Type.SCALAR) return String(scalarOf(resources, first?.name ?? ""));
  const parts = resources.flatMap(({ ranges, set }) => [...(ranges?.range ?? []).map(rangeText), ...(set?.item ?? [])]);
  return parts.join(" ");
}

function rangeText({ begin, end }: Value_Range): string {
  return begin === end ? String(begin) : `${begin}-${end}`;
}

/** How many there are of each, the most frequent first: "3 running, 1 failed". */
export function countsText(words: readonly string[]): string {
  const counts = countEach(words);
  const sorted = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return sorted.length === 0 ? "none" : sorted.map(([word, count]) => `${count} ${word}`).join(", ");
}

export function countEach(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
