/**
 * A history as JSON lines, one event per line, so that it can be kept, sent, replayed and read by other tools. What is
 * read is checked field by field: a history may come from another version, another machine or a broken disk.
 */

import { type Result, refuse, succeed } from "../../common/result.ts";
import type { HistoryEvent } from "./event.ts";
import { historyEventProblem } from "./event-schema.ts";

export function historyToJsonLines(events: readonly HistoryEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** Reads what `historyToJsonLines` wrote. The refusal names the line, the field and the rule; positions must increase. */
export function historyFromJsonLines(text: string): Result<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let lastSeq = -1;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `line ${index + 1}`;
    const value = parse(line);
    if (value === undefined) return refuse("INVALID_ARGUMENT", `${place} must be a JSON object`);
    const problem = historyEventProblem(value);
    if (problem !== undefined) return refuse("INVALID_ARGUMENT", `${place}: ${problem}`);
    const event = value as HistoryEvent;
    if (event.seq <= lastSeq) return refuse("INVALID_ARGUMENT", `${place}: seq must be more than ${lastSeq}, is ${event.seq}`);
    lastSeq = event.seq;
    events.push(event);
  }
  return succeed(events);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
