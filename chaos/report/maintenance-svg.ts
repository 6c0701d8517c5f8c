/**
 * The maintenance of a run as one picture over time: the operator's acts, the machines with their modes and windows and the tasks that
 * ended on them, what each framework was asked about each machine and how it answered, and across all of it when a master was dead.
 */

import type { HistoryEvent } from "../../harness/history/event.ts";
import { findMaintenance, type MachineStory, type MaintenanceStory, type Question, type TaskEnd } from "./maintenance.ts";
import { escapeHtml } from "./markup.ts";
import { headHeight, labelWidth, ruler, type TimeScale, timeScale, width } from "./scale.ts";

const laneHeight = 34;
/** Of one machine in a framework's lane. */
const rowHeight = 11;
const laneGap = 8;

/** Marks drawn at most, as in the timeline. */
const marksMax = 5_000;

export const maintenanceStyle = `
.draining { fill: #f0b429; fill-opacity: 0.35; } .down { fill: #495057; fill-opacity: 0.75; }
.window { fill: none; stroke: #d6336c; stroke-dasharray: 5 3; } .deadline { stroke: #d6336c; stroke-width: 2; }
.dead { fill: #e03131; fill-opacity: 0.18; } .act { stroke: #4a7ebb; }
.accepted { fill: #2f9e44; } .declined { fill: #d6336c; } .rescinded { fill: #868e96; } .closed { fill: #adb5bd; } .open { fill: #f08c00; }
.away { fill: #8884; }
svg .small { font-size: 9px; }
`;

/** Nothing when nobody planned anything. */
export function maintenanceSvg(events: readonly HistoryEvent[]): string {
  const story = findMaintenance(events);
  if (story === undefined) return "";
  const scale = timeScale(events);
  const lanes = layLanes(story);
  const marksCount = story.machines.reduce((count, { ends }) => count + ends.length, story.questions.length);
  const parts = [
    ...ruler(scale, lanes.height),
    ...drawDeadMasters(story, scale, lanes.height),
    ...lane("operator", lanes.operatorY + laneHeight / 2),
    ...acts(story, scale, lanes.operatorY),
    ...story.machines.flatMap((machine, index) => machineLane(machine, scale, lanes.machineY(index))),
    ...lanes.frameworks.flatMap((framework) => frameworkLane(framework, { story, scale, y: lanes.frameworkY(framework) })),
  ];
  const note = marksCount > marksMax ? `<p>Of ${marksCount} inverse offers and ends of tasks the first are drawn.</p>` : "";
  return `<h2>Maintenance over time</h2>
<svg viewBox="0 0 ${width} ${lanes.height}" role="img" aria-label="Maintenance over time">${parts.join("\n")}</svg>${note}
<p>Machines: yellow is DRAINING, dark is DOWN, dashed is the window from its start, which is the deadline. Dots are tasks that ended there:
<span class="pass">●</span> by themselves or on request, ● taken by the deadline, <span class="unknown">●</span> lost. Frameworks: one row
for each machine, from the inverse offer to its answer: green accepted, red declined, grey taken back or lost with its stream, orange never
answered; on grey it was not connected. Red bands: no master ran. Hover for details.</p>`;
}

interface Lanes {
  readonly frameworks: readonly string[];
  readonly operatorY: number;
  readonly height: number;
  machineY(index: number): number;
  frameworkY(framework: string): number;
}

function layLanes({ machines, absences }: MaintenanceStory): Lanes {
  const frameworks = [...absences.keys()];
  const operatorY = headHeight;
  const machinesY = operatorY + laneHeight;
  const frameworksY = machinesY + machines.length * laneHeight;
  const frameworkHeight = machines.length * rowHeight + laneGap;
  return {
    frameworks,
    operatorY,
    height: frameworksY + frameworks.length * frameworkHeight + laneGap,
    machineY: (index) => machinesY + index * laneHeight,
    frameworkY: (framework) => frameworksY + frameworks.indexOf(framework) * frameworkHeight,
  };
}

function lane(label: string, y: number): string[] {
  return [
    `<text x="4" y="${y + 4}" class="lane">${escapeHtml(label)}</text>`,
    `<line x1="${labelWidth}" x2="${width}" y1="${y}" y2="${y}" class="rail"/>`,
  ];
}

interface Box {
  readonly fromMs: number;
  readonly toMs: number;
  readonly y: number;
  readonly height: number;
  readonly kind: string;
  readonly title: string;
}

/** What lasts a moment only is still to be seen. */
const boxWidthMin = 3;

function box({ fromMs, toMs, y, height, kind, title }: Box, { x }: TimeScale): string {
  const boxWidth = Math.max(boxWidthMin, x(toMs) - x(fromMs));
  const text = escapeHtml(`${title}, ${seconds(fromMs)} to ${seconds(toMs)}`);
  return `<rect x="${x(fromMs)}" y="${y}" width="${boxWidth}" height="${height}" class="${kind}"><title>${text}</title></rect>`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function drawDeadMasters({ deadMasters }: MaintenanceStory, scale: TimeScale, height: number): string[] {
  return deadMasters.flatMap(({ who, fromMs, toMs }) => [
    box({ fromMs, toMs, y: headHeight, height: height - headHeight, kind: "dead", title: `${who} does not run` }, scale),
    `<text x="${scale.x(fromMs) + 2}" y="${headHeight - 2}" class="faultname">${escapeHtml(`${who} dead`)}</text>`,
  ]);
}

function acts(story: MaintenanceStory, { x }: TimeScale, y: number): string[] {
  return story.acts.map(({ atMs, text, outcome }, index) => {
    const title = `<title>${escapeHtml(`${seconds(atMs)}: ${text}, ${outcome}`)}</title>`;
    // Two lines in turn, since orders that may have been lost are given again soon.
    const textY = y + (index % 2 === 0 ? 10 : laneHeight - 4);
    const label = outcome === "done" ? text : `${text}: ${outcome}`;
    return (
      `<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${y}" y2="${y + laneHeight}" class="act">${title}</line>` +
      `<text x="${x(atMs) + 3}" y="${textY}" class="small">${escapeHtml(label)}</text>`
    );
  });
}

function machineLane({ machine, spans, ends }: MachineStory, scale: TimeScale, y: number): string[] {
  const top = y + 3;
  const height = laneHeight - 6;
  const drawn = spans.flatMap(({ mode, window, fromMs, toMs }) => {
    const parts = [box({ fromMs, toMs, y: top, height, kind: mode, title: `${machine} is ${mode.toUpperCase()}` }, scale)];
    const beginMs = Math.max(fromMs, window.startAtMs);
    const overMs = Math.min(toMs, window.durationMs === undefined ? Number.POSITIVE_INFINITY : window.startAtMs + window.durationMs);
    if (beginMs < overMs) parts.push(box({ fromMs: beginMs, toMs: overMs, y: top, height, kind: "window", title: "window" }, scale));
    const isDeadline = mode === "draining" && window.startAtMs >= fromMs && window.startAtMs <= toMs;
    if (!isDeadline) return parts;
    const deadlineX = scale.x(window.startAtMs);
    const title = `<title>${escapeHtml(`deadline of ${machine}: ${seconds(window.startAtMs)}`)}</title>`;
    return [...parts, `<line x1="${deadlineX}" x2="${deadlineX}" y1="${y}" y2="${y + laneHeight}" class="deadline">${title}</line>`];
  });
  return [
    ...lane(machine, y + laneHeight / 2),
    ...drawn,
    ...ends.slice(0, marksMax).map((end, index) => endMark(end, { scale, y, index })),
  ];
}

/** Many end at once, so they are spread over the height of the lane. */
function endMark(end: TaskEnd, { scale, y, index }: { scale: TimeScale; y: number; index: number }): string {
  const { taskId, framework, atMs, state, reason } = end;
  const title = escapeHtml(`${seconds(atMs)}: ${taskId} of ${framework}: ${state} ${reason ?? ""}`);
  const markY = y + 7 + (index % 4) * ((laneHeight - 14) / 3);
  return `<circle cx="${scale.x(atMs)}" cy="${markY}" r="3" class="${endKind(end)}"><title>${title}</title></circle>`;
}

/** How a task ended: by itself or on request, taken when the window began, or lost. */
function endKind({ state, reason }: TaskEnd): "good" | "plain" | "loss" {
  if (reason === "REASON_AGENT_DRAINING") return "plain";
  return state === "TASK_FINISHED" || state === "TASK_KILLED" || state === "TASK_FAILED" ? "good" : "loss";
}

const questionKinds = {
  accepted: "accepted",
  declined: "declined",
  rescinded: "rescinded",
  "stream closed": "closed",
  open: "open",
} as const satisfies Record<Question["fate"], string>;

function frameworkLane(framework: string, { story, scale, y }: { story: MaintenanceStory; scale: TimeScale; y: number }): string[] {
  const { machines, questions, absences } = story;
  const height = machines.length * rowHeight;
  const away = (absences.get(framework) ?? []).map(({ fromMs, toMs }) =>
    box({ fromMs, toMs, y: y + laneGap / 2, height, kind: "away", title: `${framework} is not connected` }, scale),
  );
  const rows = machines.flatMap(({ machine }, index) => {
    const rowY = y + laneGap / 2 + index * rowHeight;
    return [
      `<text x="${labelWidth - 4}" y="${rowY + rowHeight - 2}" text-anchor="end" class="small">${escapeHtml(machine)}</text>`,
      ...questions
        .slice(0, marksMax)
        .filter((one) => one.framework === framework && one.machine === machine)
        .map(({ fromMs, toMs, fate }) => {
          const title = `${framework} is asked to leave ${machine}: ${fate}`;
          return box({ fromMs, toMs, y: rowY, height: rowHeight - 2, kind: questionKinds[fate], title }, scale);
        }),
    ];
  });
  const middle = y + laneGap / 2 + height / 2;
  return [`<text x="4" y="${middle + 4}" class="lane">${escapeHtml(framework)}</text>`, ...away, ...rows];
}
