/** A run in a screenful of lines: options first, what happened, verdict, and the replay line last. */

import type { HistoryEvent } from "../../harness/history/event.ts";
import { describeJitter, measureJitter } from "../../harness/history/stalls.ts";
import { describeOptions } from "../../harness/options.ts";
import { type RunResult, replayLine } from "../../harness/run.ts";
import { findDrains } from "./drains.ts";
import { findMaintenance } from "./maintenance.ts";

/** `report` is where the HTML report lies. */
export function summaryLines(result: RunResult, report: string): string[] {
  const lines = [`options: ${describeOptions(result.plan.options)}`];
  lines.push(`history: ${result.events.length} events, ${countTasks(result.events)} tasks, ${(result.simulatedMs / 1000).toFixed(1)} s`);
  lines.push(...faultLines(result.events), ...drainLines(result.events), ...maintenanceLines(result.events));
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

/** Each scheduled machine: when it was in which mode, and what became of the tasks there. */
function maintenanceLines(events: readonly HistoryEvent[]): string[] {
  const { machines = [], questions = [] } = findMaintenance(events) ?? {};
  return machines.map(({ machine, spans, ends }) => {
    const modes = spans.map(
      ({ mode, fromMs, toMs }) => `${mode.toUpperCase()} ${(fromMs / 1000).toFixed(2)} to ${(toMs / 1000).toFixed(2)} s`,
    );
    const fates = countEach(questions.filter((one) => one.machine === machine).map(({ fate }) => fate));
    const states = countEach(ends.map(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`)));
    return `maintenance of ${machine}: ${modes.join(", ")}; inverse offers: ${fates || "none"}; tasks ended there: ${states || "none"}`;
  });
}

/** "2 accepted, 1 open". */
function countEach(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

function countTasks(events: readonly HistoryEvent[]): number {
  return new Set(
    events.flatMap((event) => (event.kind === "invoke" && event.body.kind === "accept" ? event.body.tasks.map((task) => task.taskId) : [])),
  ).size;
}
