/** The run as one picture over time, in SVG: a lane for each node and framework, faults as bands, what was seen as marks. */

import type { HistoryEvent } from "../../harness/history/event.ts";
import { escapeHtml } from "./markup.ts";
import { headHeight, labelWidth, ruler, timeScale, width } from "./scale.ts";

const laneHeight = 30;

/** Marks drawn at most: past this a picture says nothing more, and a browser grows slow. */
const marksMax = 5_000;

type MarkKind = "good" | "bad" | "plain" | "loss";

interface Mark {
  readonly lane: string;
  readonly atMs: number;
  readonly kind: MarkKind;
  readonly text: string;
  readonly seq: number;
}

/** `broken` are positions of events that show a broken guarantee; they get a ring. */
export function timelineSvg(events: readonly HistoryEvent[], broken: ReadonlySet<number>): string {
  const lanes = lanesOf(events);
  const scale = timeScale(events);
  const { endMs, x } = scale;
  const y = (lane: string): number => headHeight + (lanes.get(lane) ?? 0) * laneHeight + laneHeight / 2;
  const height = headHeight + lanes.size * laneHeight + 10;
  const marks = events.flatMap((event) => markOf(event) ?? []).filter((mark) => lanes.has(mark.lane));
  const shown = marks.slice(0, marksMax);
  const parts = [
    ...ruler(scale, height),
    ...[...lanes.keys()].map(
      (lane) =>
        `<text x="4" y="${y(lane) + 4}" class="lane">${escapeHtml(lane)}</text>` +
        `<line x1="${labelWidth}" x2="${width}" y1="${y(lane)}" y2="${y(lane)}" class="rail"/>`,
    ),
    ...faultBands(events, { lanes, x, y, endMs, height }),
    ...lifeLines(events, { x, y, endMs }),
    ...shown.map((mark) => drawMark(mark, { x, y, isBroken: broken.has(mark.seq) })),
  ];
  const note = marks.length > shown.length ? `<p>The first ${shown.length} of ${marks.length} marks are drawn.</p>` : "";
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The run over time">${parts.join("\n")}</svg>${note}`;
}

function lanesOf(events: readonly HistoryEvent[]): ReadonlyMap<string, number> {
  const nodes = new Set<string>();
  const frameworks = new Set<string>();
  for (const event of events) {
    if (event.kind === "nodeStarted") nodes.add(event.node);
    if (event.kind === "invoke") frameworks.add(event.framework);
  }
  const order = [
    ...[...nodes].filter((node) => node.startsWith("master")).sort(),
    ...[...nodes].filter((node) => !node.startsWith("master")).sort(),
    ...frameworks,
  ];
  return new Map(order.map((lane, index) => [lane, index]));
}

function markOf(event: HistoryEvent): Mark | undefined {
  const base = { atMs: event.atMs, seq: event.seq };
  switch (event.kind) {
    case "invoke":
      return event.body.kind === "acknowledge"
        ? undefined
        : { ...base, lane: event.framework, kind: "plain", text: `calls ${event.body.kind}` };
    case "event": {
      if (event.event.kind === "heartbeat") return undefined;
      if (event.event.kind !== "update")
        return { ...base, lane: event.framework, kind: event.event.kind === "error" ? "bad" : "plain", text: `hears ${event.event.kind}` };
      const { taskId, state, reason = "" } = event.event.status;
      const kind =
        state === "TASK_LOST" || state === "TASK_UNREACHABLE" ? "loss" : state === "TASK_FAILED" || state === "TASK_ERROR" ? "bad" : "good";
      return { ...base, lane: event.framework, kind, text: `${taskId} ${state} ${reason}` };
    }
    case "streamClosed":
      return { ...base, lane: event.framework, kind: "bad", text: `stream closed: ${event.reason}` };
    case "agentRegistered":
      return { ...base, lane: event.node, kind: "good", text: `registered as ${event.agentId}` };
    case "fatal":
      return { ...base, lane: event.node, kind: "bad", text: `fatal: ${event.message}` };
    case "marker":
      return { ...base, lane: event.node, kind: "bad", text: `planted bug ${event.mutant} acts` };
    default:
      return undefined;
  }
}

interface Scale {
  readonly x: (atMs: number) => number;
  readonly y: (lane: string) => number;
  readonly endMs: number;
}

function faultBands(events: readonly HistoryEvent[], scale: Scale & { lanes: ReadonlyMap<string, number>; height: number }): string[] {
  return events.flatMap((event) => {
    if (event.kind !== "faultBegin") return [];
    const end = events.find((other) => other.kind === "faultEnd" && other.fault === event.fault)?.atMs ?? scale.endMs;
    const left = scale.x(event.atMs);
    const bandWidth = Math.max(3, scale.x(end) - left);
    const isNode = scale.lanes.has(event.target);
    const top = isNode ? scale.y(event.target) - laneHeight / 2 : headHeight;
    const bandHeight = isNode ? laneHeight : scale.height - headHeight;
    const title = `${event.name} on ${event.target}, ${event.atMs.toFixed(0)} to ${end.toFixed(0)} ms`;
    return [
      `<rect x="${left}" y="${top}" width="${bandWidth}" height="${bandHeight}" class="fault"><title>${escapeHtml(title)}</title></rect>`,
      `<text x="${left + 2}" y="${top + 9}" class="faultname">${escapeHtml(event.name)}</text>`,
    ];
  });
}

/** Thick where the node's process lives. */
function lifeLines(events: readonly HistoryEvent[], { x, y, endMs }: Scale): string[] {
  const bornAtMs = new Map<string, number>();
  const lines: string[] = [];
  const draw = (node: string, toMs: number): void => {
    const fromMs = bornAtMs.get(node);
    if (fromMs === undefined) return;
    lines.push(`<line x1="${x(fromMs)}" x2="${x(toMs)}" y1="${y(node)}" y2="${y(node)}" class="life"/>`);
    bornAtMs.delete(node);
  };
  for (const event of events) {
    if (event.kind === "nodeStarted") bornAtMs.set(event.node, event.atMs);
    if (event.kind === "nodeExited") draw(event.node, event.atMs);
  }
  for (const node of [...bornAtMs.keys()]) draw(node, endMs);
  return lines;
}

function drawMark(mark: Mark, { x, y, isBroken }: { x: Scale["x"]; y: Scale["y"]; isBroken: boolean }): string {
  const title = `<title>${escapeHtml(`${mark.atMs.toFixed(1)} ms, event ${mark.seq}: ${mark.text}`)}</title>`;
  const ring = isBroken ? `<circle cx="${x(mark.atMs)}" cy="${y(mark.lane)}" r="9" class="broken"/>` : "";
  return `${ring}<circle cx="${x(mark.atMs)}" cy="${y(mark.lane)}" r="4" class="${mark.kind}">${title}</circle>`;
}
