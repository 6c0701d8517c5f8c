/**
 * S62: what a role lacks of its guarantee is not offered to others: as long as more is lacking than is free, what is free does not shrink
 * but by what those get who lack it. Read from looks at one leader between which nothing else changed.
 */

import type { SnapshotRecord } from "../history/records.ts";
import type { QuotaJson } from "../history/role-json.ts";
import { type HistoryView, isAgentCalm } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";
import { mayBeBelated } from "./evidence.ts";
import { consumedMilli, freeMilli } from "./role-consumption.ts";

export const guaranteesStayFree: Checker = {
  id: "S62",
  title: "what a role lacks of its guarantee is not offered to others",
  check(view) {
    let evaluated = 0;
    for (const [index, second] of view.snapshots.entries()) {
      const first = view.snapshots[index - 1];
      if (first === undefined || !isUnchanged(view, first, second)) continue;
      const quotas = view.roles.sureQuotas(first, second);
      if (quotas === undefined) continue;
      for (const name of new Set(quotas.flatMap(({ guarantees }) => Object.keys(guarantees)))) {
        const lacking = quotas.filter((quota) => unmetMilli(first, quota, name) > 0);
        const isTaken = lacking.some(({ role }) => consumedMilli(first, role, name) !== consumedMilli(second, role, name));
        if (lacking.length === 0 || isTaken) continue;
        evaluated++;
        const unmet = lacking.reduce((sum, quota) => sum + unmetMilli(first, quota, name), 0);
        const [before, after] = [freeMilli(first, name), freeMilli(second, name)];
        if (after >= Math.min(before, unmet)) continue;
        const names = lacking.map(({ role }) => role).join(" ");
        const change = `${before} thousandths of ${name} were free, now ${after} are`;
        const message = `role ${names} lacks ${unmet}, and others got some: ${change}`;
        return fail(message, [first.seq, second.seq]);
      }
    }
    return pass(evaluated);
  },
};

/** Whether both are of one leadership with the same agents and reservations, and all was calm in between. */
function isUnchanged(view: HistoryView, first: SnapshotRecord, second: SnapshotRecord): boolean {
  const agents = second.snapshot.agents;
  if (first.snapshot.term !== second.snapshot.term || first.snapshot.agents.length !== agents.length) return false;
  if (mayBeBelated(view, first.atMs) || mayBeBelated(view, second.atMs)) return false;
  return agents.every(({ agentId, total }) => {
    const before = first.snapshot.agents.find((agent) => agent.agentId === agentId);
    if (before === undefined || !isAgentCalm(view, agentId, first.atMs - view.noticeMs, second.atMs)) return false;
    return JSON.stringify(before.total) === JSON.stringify(total);
  });
}

function unmetMilli(record: SnapshotRecord, { role, guarantees }: QuotaJson, name: string): number {
  return Math.max(0, (guarantees[name] ?? 0) - consumedMilli(record, role, name));
}
