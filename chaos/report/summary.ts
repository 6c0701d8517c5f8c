/** A run in a screenful of lines: options first, what happened, verdict, and the replay line last. */

import type { HistoryEvent } from "../../harness/history/event.ts";
import { describeJitter, measureJitter } from "../../harness/history/stalls.ts";
import { describeOptions } from "../../harness/options.ts";
import { type RunResult, replayLine } from "../../harness/run.ts";
import { findDrains } from "./drains.ts";

/** `report` is where the HTML report lies. */
export function summaryLines(result: RunResult, report: string): string[] {
  const lines = [`options: ${describeOptions(result.plan.options)}`];
  lines.push(`history: ${result.events.length} events, ${countTasks(result.events)} tasks, ${(result.simulatedMs / 1000).toFixed(1)} s`);
  lines.push(...faultLines(result.events), ...drainLines(result.events));
  if (result.plan.options.tier !== "sim") lines.push(`machine: ${machineSpeed(result.events)}`);
  const results = result.judgement?.results ?? [];
  const tested = results.filter(({ verdict }) => verdict.kind === "pass" && verdict.evaluated > 0);
  lines.push(`guarantees: ${tested.length} of ${results.length} put to the test and kept: ${tested.map(({ id }) => id).join(" ")}`);
  const untested = results.filter(({ verdict }) => verdict.kind === "pass" && verdict.evaluated === 0);
  if (untested.length > 0) lines.push(`not put to the test: ${untested.map(({ id, title }) => `${id} (${title})`).join(", ")}`);
  for (const { id, title, verdict } of results) {
    if (verdict.kind === "fail") lines.push(`BROKEN ${id} (${title}): ${verdict.message} [events ${verdict.events.slice(0, 6).join(" ")}]`);
    if (verdict.kind === "unknown") lines.push(`unknown ${id} (${title}): ${verdict.reason}`);
  }
  lines.push(...result.reasons);
  if (result.traceHash !== undefined) lines.push(`trace: ${result.traceHash}`);
  lines.push(`report: ${report}`, `verdict: ${result.verdict}`, `replay: ${replayLine(result.plan)}`);
  return lines;
}

/** How late the machine was, by the measure of the run's own epsilon. */
export function machineSpeed(events: readonly HistoryEvent[]): string {
  const jitter = measureJitter(events);
  return jitter === undefined ? "fast enough at all times" : describeJitter(jitter);
}

/** Each fault with what its probes saw; a fault that never bit is said so. */
function faultLines(events: readonly HistoryEvent[]): string[] {
  const lines: string[] = [];
  for (const event of events) {
    if (event.kind !== "faultBegin") continue;
    const probes = events.filter((probe) => probe.kind === "faultProbe" && probe.fault === event.fault);
    const said = probes.map((probe) => (probe.kind === "faultProbe" ? `${probe.result}: ${probe.evidence}` : ""));
    lines.push(
      `fault ${event.name} on ${event.target} at ${(event.atMs / 1000).toFixed(2)} s: ${said.join("; ") || "was not seen to bite"}`,
    );
  }
  return lines;
}

function drainLines(events: readonly HistoryEvent[]): string[] {
  return findDrains(events).flatMap((drain) => {
    const exited = drain.exitedAfterMs === undefined ? "has not exited" : `exited after ${drain.exitedAfterMs.toFixed(0)} ms`;
    const tasks = drain.tasks.map(({ taskId, framework, state, announcedAfterMs, isAway }) => {
      const announced = announcedAfterMs === undefined ? "nothing announced" : `${state} after ${announcedAfterMs.toFixed(0)} ms`;
      return `  ${taskId}: ${announced}${isAway ? ` (${framework} was not subscribed at the signal)` : ""}`;
    });
    return [`drain now of ${drain.node} (${drain.agentId}) with ${drain.tasks.length} running tasks: ${exited}`, ...tasks];
  });
}

function countTasks(events: readonly HistoryEvent[]): number {
  return new Set(
    events.flatMap((event) => (event.kind === "invoke" && event.body.kind === "accept" ? event.body.tasks.map((task) => task.taskId) : [])),
  ).size;
}
