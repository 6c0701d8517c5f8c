/** What the hunts came to: a table for people, the same as JSON, and the score. */

import type { Hunt } from "./hunt.ts";

export interface Score {
  readonly seed: number;
  readonly killed: number;
  readonly all: number;
  readonly medianSeconds: number | undefined;
  readonly p95Seconds: number | undefined;
  readonly mutants: readonly MutantScore[];
}

interface MutantScore {
  readonly id: string;
  readonly title: string;
  /** Guarantees that the bug was made to break. */
  readonly breaks: readonly string[];
  readonly caughtBy: readonly string[];
  readonly reason: string;
  readonly seconds: number | undefined;
  readonly sequences: number;
  readonly actedCount: number;
  readonly falseAlarms: readonly number[];
  readonly replay: string | undefined;
}

export function toScore(seed: number, hunts: readonly Hunt[]): Score {
  const times = hunts.flatMap((hunt) => (hunt.catch === undefined ? [] : [hunt.catch.seconds])).sort((left, right) => left - right);
  return {
    seed,
    killed: times.length,
    all: hunts.length,
    medianSeconds: percentile(times, 0.5),
    p95Seconds: percentile(times, 0.95),
    mutants: hunts.map((hunt) => ({
      id: hunt.mutant.id,
      title: hunt.mutant.title,
      breaks: hunt.mutant.breaks,
      caughtBy: hunt.catch?.caughtBy ?? [],
      reason: hunt.catch?.reason ?? survivalReason(hunt),
      seconds: hunt.catch?.seconds,
      sequences: hunt.sequences,
      actedCount: hunt.actedCount,
      falseAlarms: hunt.falseAlarms,
      replay: hunt.catch?.replay,
    })),
  };
}

const columnWidths = [5, 10, 28, 8, 10];

/** One row for a bug as soon as its hunt is over. */
export const tableHead = row(["id", "expected", "caught by", "seconds", "sequences", "replay"]);

export function tableRow({ mutant, catch: caught, sequences, ...hunt }: Hunt): string {
  const expected = mutant.breaks.join(" ");
  if (caught === undefined) {
    return row([mutant.id, expected, "SURVIVED", "-", String(sequences), survivalReason({ mutant, catch: caught, sequences, ...hunt })]);
  }
  return row([mutant.id, expected, caught.caughtBy.join(" "), caught.seconds.toFixed(1), String(sequences), caught.replay]);
}

export function summaryOf({ killed, all, medianSeconds, p95Seconds, mutants }: Score): string[] {
  const alarms = [...new Set(mutants.flatMap(({ falseAlarms }) => falseAlarms))].sort((left, right) => left - right);
  return [
    ...(alarms.length === 0 ? [] : [`seeds that fail without a bug, too: ${alarms.join(" ")}`]),
    `score ${killed}/${all}; seconds to detection: median ${format(medianSeconds)}, p95 ${format(p95Seconds)}`,
  ];
}

/** Where to look when a bug survives: at the workload, or at the checkers. */
function survivalReason({ problem, actedCount, sequences }: Hunt): string {
  if (problem !== undefined) return problem;
  if (actedCount === 0) return "the bug never acted: the workload does not get there";
  return `the bug acted in ${actedCount} of ${sequences} sequences and no guarantee failed`;
}

/** Nearest rank; undefined without values. */
function percentile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

function format(seconds: number | undefined): string {
  return seconds === undefined ? "-" : seconds.toFixed(1);
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padEnd(columnWidths[index] ?? 0)).join(" ");
}
