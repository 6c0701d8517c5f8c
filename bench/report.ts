/** What a benchmark prints: a table for people and one line of JSON for programs. */

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { formatTable } from "../common/format-table.ts";
import { type Figure, isReached, type Measurement, ratioOf, type Target } from "./measurement.ts";

/** One line for each figure, with floor, ratio and target. */
export function formatFigures({ figures }: Measurement): string {
  const header = ["figure", "value", "floor", "ratio", "target", "reached"];
  const rows = figures.map((figure) => [
    figure.name,
    `${formatNumber(figure.value)} ${figure.unit}`,
    figure.floor === undefined ? "" : formatNumber(figure.floor),
    formatNumber(ratioOf(figure)),
    formatTargets(figure),
    formatReached(isReached(figure)),
  ]);
  return formatTable([header, ...rows]);
}

export interface Run {
  readonly workload: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly measurement: Measurement;
}

/** Everything about a run in one line of JSON. */
export function formatJson({ workload, sizes, measurement }: Run): string {
  const { figures, peakRssBytes, problems } = measurement;
  return JSON.stringify({
    workload,
    commit: describeCommit(),
    node: process.version,
    cores: availableParallelism(),
    sizes,
    figures: figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), reached: isReached(figure) })),
    peakRssBytes,
    problems,
  });
}

/** With "-dirty" when the working tree differs; "unknown" outside of a repository. */
function describeCommit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function formatTargets({ target, ratioTarget }: Figure): string {
  const parts = [formatTarget(target), ratioTarget === undefined ? "" : `${formatTarget(ratioTarget)}x floor`];
  return parts.filter((part) => part !== "").join(", ");
}

function formatTarget(target: Target | undefined): string {
  if (target === undefined) return "";
  return `${target.kind === "atLeast" ? ">=" : "<="} ${formatNumber(target.value)}`;
}

function formatReached(reached: boolean | undefined): string {
  if (reached === undefined) return "";
  return reached ? "yes" : "no";
}
