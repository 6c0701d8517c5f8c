/** The axis that all pictures of a run share, so that what lies below each other happened at the same time. */

import type { HistoryEvent } from "../../harness/history/event.ts";

export const labelWidth = 130;
export const width = 1_400;
/** Of the ruler's labels. */
export const headHeight = 24;

export interface TimeScale {
  readonly endMs: number;
  readonly x: (atMs: number) => number;
}

/** From the run's begin to its last event. What lies outside is drawn at the edge. */
export function timeScale(events: readonly HistoryEvent[]): TimeScale {
  const endMs = Math.max(1, events.at(-1)?.atMs ?? 1);
  return { endMs, x: (atMs) => labelWidth + (Math.min(Math.max(0, atMs), endMs) / endMs) * (width - labelWidth - 10) };
}

export function ruler({ endMs, x }: TimeScale, height: number): string[] {
  const ticks = 10;
  return Array.from({ length: ticks + 1 }, (_, index) => {
    const atMs = (endMs * index) / ticks;
    const label = `<text x="${x(atMs)}" y="12" class="time">${(atMs / 1000).toFixed(1)} s</text>`;
    return `<line x1="${x(atMs)}" x2="${x(atMs)}" y1="16" y2="${height}" class="tick"/>${label}`;
  });
}
