/** The report of a run: one HTML file that needs nothing beside itself. */

import type { Verdict } from "../../harness/checkers/checker.ts";
import { describeOptions } from "../../harness/options.ts";
import { type RunResult, replayLine } from "../../harness/run.ts";
import { findDrains } from "./drains.ts";
import { maintenanceStyle, maintenanceSvg } from "./maintenance-svg.ts";
import { escapeHtml, table } from "./markup.ts";
import { machineSpeed } from "./summary.ts";
import { timelineSvg } from "./timeline.ts";

/** Events listed around what is broken. */
const contextEvents = 12;

const style = `
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1450px; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } td, th { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; }
code, pre { font: 12px/1.4 ui-monospace, monospace; } pre { overflow-x: auto; padding: 8px; border: 1px solid #8885; }
.pass { color: #187a2f; } .fail, .harness-error { color: #c02626; } .unknown { color: #a36b00; }
svg { width: 100%; height: auto; border: 1px solid #8885; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
svg .time { text-anchor: middle; fill: #888; } svg .lane { font-weight: 600; }
.rail { stroke: #8883; } .tick { stroke: #8882; } .life { stroke: #4a7ebb; stroke-width: 3; }
.fault { fill: #d9822b44; stroke: #d9822b; } svg .faultname { font-size: 9px; fill: #a8570a; }
.good { fill: #2f9e44; } .bad { fill: #d6336c; } .loss { fill: #e8590c; } .plain { fill: #868e96; }
.broken { fill: none; stroke: #e03131; stroke-width: 2.5; }
${maintenanceStyle}`;

export function htmlReport(result: RunResult): string {
  const { suite, tier, seed } = result.plan.options;
  const broken = result.judgement?.firstBroken?.events ?? [];
  const title = `tepui ${suite} on ${tier}, seed ${seed}: ${result.verdict}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(suite)} on ${escapeHtml(tier)}, seed ${seed}: <span class="${result.verdict}">verdict: ${result.verdict}</span></h1>
<p>Run it again: <code>${escapeHtml(replayLine(result.plan))}</code></p>
${firstBroken(result)}
${list("Not as it should be", result.reasons)}
<h2>The run over time</h2>
${timelineSvg(result.events, new Set(broken))}
<p>Marks: <span class="pass">●</span> good news, ● calls and offers, <span class="unknown">●</span> losses, <span class="fail">●</span> bad
news. Bands are faults, thick lines are living processes. Hover for details.</p>
${maintenanceSvg(result.events)}
${drains(result)}
${faultTable(result)}
${guarantees(result)}
<h2>Options</h2><pre>${escapeHtml(describeOptions(result.plan.options))}</pre>
<p>${result.events.length} events in ${(result.simulatedMs / 1000).toFixed(1)} s. The machine: ${escapeHtml(machineSpeed(result.events))}.
The whole history is in history.jsonl beside this file, the plan in plan.json.</p>
</body></html>
`;
}

function firstBroken(result: RunResult): string {
  const broken = result.judgement?.firstBroken;
  if (broken === undefined) return "";
  const heading = `<h2 class="fail">First broken: ${escapeHtml(`${broken.id} ${broken.title}`)}</h2>`;
  return `${heading}<p>${escapeHtml(broken.message)}</p>${around(result, broken.events)}`;
}

function drains(result: RunResult): string {
  const parts = findDrains(result.events).map((drain) => {
    const exited = drain.exitedAfterMs === undefined ? "has not exited" : `exited after ${drain.exitedAfterMs.toFixed(0)} ms`;
    const rows = drain.tasks.map(({ taskId, framework, state = "nothing", announcedAfterMs, isAway }) => [
      taskId,
      isAway ? `${framework}, not subscribed at the signal` : framework,
      state,
      announcedAfterMs === undefined ? "" : `${announcedAfterMs.toFixed(1)} ms`,
    ]);
    const heading = `${drain.node} (${drain.agentId}) at ${(drain.atMs / 1000).toFixed(2)} s, ${exited}`;
    return `<p>${escapeHtml(heading)}</p>${table(["task", "framework", "announced", "after the signal"], rows)}`;
  });
  return parts.length === 0 ? "" : `<h2>Drain now (SIGUSR1)</h2>${parts.join("")}`;
}

function faultTable({ events }: RunResult): string {
  const rows = events.flatMap((event) => {
    if (event.kind !== "faultBegin") return [];
    const said = (wanted: string): string => {
      const probe = events.find((other) => other.kind === "faultProbe" && other.fault === event.fault && other.result === wanted);
      return probe?.kind === "faultProbe" ? probe.evidence : "not seen";
    };
    return [[event.name, event.target, `${(event.atMs / 1000).toFixed(2)} s`, said("bit"), said("healed")]];
  });
  return rows.length === 0 ? "" : `<h2>Faults</h2>${table(["fault", "target", "at", "bit", "healed"], rows)}`;
}

function guarantees({ judgement }: RunResult): string {
  const rows = (judgement?.results ?? []).map(({ id, title, verdict }) => [id, title, verdict.kind, describeVerdict(verdict)]);
  return `<h2>Guarantees</h2>${table(["", "", "verdict", "why"], rows)}`;
}

function describeVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case "pass":
      return verdict.evaluated === 0 ? "never put to the test" : `kept, put to the test ${verdict.evaluated} times`;
    case "fail":
      return verdict.message;
    case "unknown":
      return verdict.reason;
  }
}

/** The events that show the break, each with what came right before it. */
function around({ events }: RunResult, positions: readonly number[]): string {
  const last = positions.at(-1);
  if (last === undefined) return "";
  const shown = new Set(positions);
  for (let seq = Math.max(0, last - contextEvents); seq <= last; seq++) shown.add(seq);
  const lines = [...shown]
    .sort((left, right) => left - right)
    .map((seq) => `${positions.includes(seq) ? "▶" : " "} ${JSON.stringify(events[seq])}`);
  return `<pre>${escapeHtml(lines.join("\n"))}</pre>`;
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `<h2>${title}</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;
}
