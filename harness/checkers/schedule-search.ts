/**
 * Looks for an order of all that was done to the maintenance schedule in which each order and each answer makes sense, and each took effect
 * between its request and its outcome: the schedule is one register, whoever leads. An order without an answer may have taken effect or
 * not. Goes through the history once and keeps every possibility that is left.
 */

import type { MaintenanceOrderRecord } from "../history/records.ts";
import type { HistoryView } from "../history/view.ts";
import { applyOrder, emptySchedule, isAnswer, type ScheduleModel, scheduleKey } from "./schedule-model.ts";

export type SearchResult =
  /** `evaluated` counts what was held against the others. */
  | { readonly kind: "possible"; readonly evaluated: number }
  /** This one does not fit with what was before. */
  | { readonly kind: "impossible"; readonly order: MaintenanceOrderRecord }
  /** Too much is open. */
  | { readonly kind: "undecided" };

/** A possibility: the schedule, and which of the orders that wait for their outcome have taken effect. */
interface Possibility {
  readonly schedule: ScheduleModel;
  readonly done: ReadonlySet<MaintenanceOrderRecord>;
}

/** As many at one time are more than a history needs whose orders mostly have an answer. */
const possibilitiesMax = 2_000;

interface Point {
  readonly atMs: number;
  readonly seq: number;
  readonly order: MaintenanceOrderRecord;
  /** `settles`: an order without an answer takes no effect any more. */
  readonly what: "begins" | "ends" | "settles";
}

/** `withAnswers`: questions count, too. */
export function searchSchedules(view: HistoryView, { withAnswers }: { readonly withAnswers: boolean }): SearchResult {
  const orders = view.maintenanceOrders.filter((order) => isTelling(view, order, withAnswers));
  let possible: Possibility[] = [{ schedule: emptySchedule, done: new Set() }];
  const open = new Set<MaintenanceOrderRecord>();
  for (const { order, what } of pointsOf(view, orders)) {
    if (what === "begins") {
      open.add(order);
      continue;
    }
    const reached = reach(possible, open, order);
    if (reached === undefined) return { kind: "undecided" };
    const kept = what === "ends" ? reached.filter(({ done }) => done.has(order)) : reached;
    if (kept.length === 0) return { kind: "impossible", order };
    open.delete(order);
    possible = distinct(kept.map(({ schedule, done }) => ({ schedule, done: new Set([...done].filter((one) => one !== order)) })));
  }
  return { kind: "possible", evaluated: orders.length };
}

/** What says something: what was obeyed or may have been, what was refused for the schedule's sake, what was answered in calm. */
function isTelling(view: HistoryView, order: MaintenanceOrderRecord, withAnswers: boolean): boolean {
  const { body, outcome, invokeAtMs, outcomeAtMs } = order;
  // A leader that does not know yet that it leads no more answers what was true when it did.
  if (body.kind.startsWith("get")) return withAnswers && order.answer !== undefined && view.calm.isCalm(invokeAtMs, outcomeAtMs);
  if (outcome !== "fail") return true;
  return isForTheSchedule(order) && !isBesideDoubt(view, order);
}

/** The same codes say that a master does not lead. */
function isForTheSchedule({ refusal }: MaintenanceOrderRecord): boolean {
  if (refusal === undefined || !/^((update|replace)_maintenance_schedule|start_maintenance|stop_maintenance)\b/.test(refusal.message))
    return false;
  return refusal.code === "NOT_FOUND" || refusal.code === "FAILED_PRECONDITION" || refusal.code === "ABORTED";
}

/** A master refuses what does not fit with what is on its way into the registry; that may never arrive. */
function isBesideDoubt(view: HistoryView, { invokeAtMs, outcomeAtMs }: MaintenanceOrderRecord): boolean {
  return view.maintenanceOrders.some(
    (other) =>
      !other.body.kind.startsWith("get") &&
      (other.outcome === "info" || other.outcome === "open") &&
      other.invokeAtMs <= outcomeAtMs &&
      settledMs(view, other) >= invokeAtMs,
  );
}

function settledMs(view: HistoryView, { outcome, outcomeAtMs }: MaintenanceOrderRecord): number {
  return outcome === "info" ? view.calm.firstCalmEnd(outcomeAtMs, view.noticeMs) : outcomeAtMs;
}

function pointsOf(view: HistoryView, orders: readonly MaintenanceOrderRecord[]): Point[] {
  const points = orders.flatMap((order): Point[] => {
    const begins: Point = { atMs: order.invokeAtMs, seq: order.invokeSeq, order, what: "begins" };
    if (order.outcome === "ok" || order.outcome === "fail") {
      return [begins, { atMs: order.outcomeAtMs, seq: order.outcomeSeq, order, what: "ends" }];
    }
    const atMs = settledMs(view, order);
    return Number.isFinite(atMs) ? [begins, { atMs, seq: Number.POSITIVE_INFINITY, order, what: "settles" }] : [begins];
  });
  return points.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
}

/**
 * Every possibility that open orders can lead to, in any sequence; those in which `order` has taken effect lead no further, because
 * what is left may come later. Undefined when there are too many.
 */
function reach(
  possible: readonly Possibility[],
  open: ReadonlySet<MaintenanceOrderRecord>,
  order: MaintenanceOrderRecord,
): Possibility[] | undefined {
  const found = [...possible];
  const known = new Set(found.map(keyOf));
  for (let index = 0; index < found.length; index++) {
    const from = found[index];
    if (from === undefined || from.done.has(order)) continue;
    for (const one of open) {
      const schedule = from.done.has(one) ? undefined : takeEffect(from.schedule, one);
      if (schedule === undefined) continue;
      const next = { schedule, done: new Set([...from.done, one]) };
      const key = keyOf(next);
      if (known.has(key)) continue;
      known.add(key);
      found.push(next);
      if (found.length > possibilitiesMax) return undefined;
    }
  }
  return found;
}

/** The schedule after an order or a question, when it can have been answered so with this schedule. */
function takeEffect(schedule: ScheduleModel, { body, outcome, refusal, answer }: MaintenanceOrderRecord): ScheduleModel | undefined {
  if (answer !== undefined) return isAnswer(schedule, answer) ? schedule : undefined;
  const result = applyOrder(schedule, body);
  if (outcome === "fail") return result.kind === "refused" && result.code === refusal?.code ? schedule : undefined;
  return result.kind === "done" ? result.schedule : undefined;
}

function distinct(possible: readonly Possibility[]): Possibility[] {
  return [...new Map(possible.map((one) => [keyOf(one), one])).values()];
}

function keyOf({ schedule, done }: Possibility): string {
  const calls = [...done].map(({ call }) => call).sort((a, b) => a - b);
  return `${calls.join(" ")}\n${scheduleKey(schedule)}`;
}
