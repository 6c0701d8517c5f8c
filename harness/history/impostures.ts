/** What impostors said in a run, and what became of it. */

import type { ClaimAnswer, ClaimJson } from "./claim-json.ts";
import type { HistoryEvent } from "./event.ts";

export interface ImpostureRecord {
  /** Whom it spoke for. */
  readonly agentId: string;
  readonly claims: readonly ClaimJson[];
  readonly seq: number;
  readonly atMs: number;
  /** When a master had taken its link; Infinity when none did. */
  openedAtMs: number;
  readonly answers: { readonly answer: ClaimAnswer; readonly detail: string; readonly seq: number; readonly atMs: number }[];
}

export function findImpostures(events: readonly HistoryEvent[]): readonly ImpostureRecord[] {
  const records = new Map<number, ImpostureRecord>();
  for (const event of events) {
    if (event.kind === "imposture") {
      const { imposture, agentId, claims, seq, atMs } = event;
      records.set(imposture, { agentId, claims, seq, atMs, openedAtMs: Number.POSITIVE_INFINITY, answers: [] });
    } else if (event.kind === "impostureAnswer") {
      const { imposture, answer, detail = "", seq, atMs } = event;
      const record = records.get(imposture);
      if (record === undefined) continue;
      if (answer === "opened") record.openedAtMs = Math.min(record.openedAtMs, atMs);
      else record.answers.push({ answer, detail, seq, atMs });
    }
  }
  return [...records.values()];
}
