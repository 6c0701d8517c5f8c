/** What counts for the quota of a role, by the leader's word. Thousandths. */

import { topRole } from "../../common/roles.ts";
import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { SnapshotRecord } from "../history/records.ts";
import type { ResourceJson } from "../history/resource-json.ts";

/** What is reserved for the role or one below it, held or not, and what these hold or are offered of the rest. */
export function consumedMilli(record: SnapshotRecord, role: string, name: string): number {
  let milli = 0;
  for (const { total } of record.snapshot.agents) {
    for (const { name: own, milli: amount = 0, reservations } of total) {
      const owner = reservations?.at(-1)?.role;
      if (own === name && owner !== undefined && topRole(owner) === role) milli += amount;
    }
  }
  for (const resources of heldIn(record)) milli += openMilli(resources, name, role);
  return milli;
}

/** What is allocated to the role or one below it, and not reserved; without a role: to anybody, or to nobody. */
export function openMilli(resources: readonly ResourceJson[], name: string, role?: string): number {
  let milli = 0;
  for (const { name: own, milli: amount = 0, role: allocated, reservations } of resources) {
    if (own !== name || reservations !== undefined) continue;
    if (role === undefined || (allocated !== undefined && topRole(allocated) === role)) milli += amount;
  }
  return milli;
}

/** What nobody has reserved, holds or is offered, on all agents. */
export function freeMilli(record: SnapshotRecord, name: string): number {
  let milli = 0;
  for (const { total } of record.snapshot.agents) milli += openMilli(total, name);
  for (const resources of heldIn(record)) milli -= openMilli(resources, name);
  return milli;
}

/** What offers, executors and tasks that have not ended have. */
function heldIn({ snapshot }: SnapshotRecord): readonly (readonly ResourceJson[])[] {
  const { offers, executors = [], tasks } = snapshot;
  const living = tasks.filter(({ state }) => !isTerminal(state as TaskState));
  return [...offers, ...executors, ...living].map(({ resources }) => resources);
}
