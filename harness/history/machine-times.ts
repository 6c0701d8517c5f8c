/**
 * What operators' orders made of the maintenance schedule, and when: which window a machine may have had between two instants, whether it
 * may have been DOWN, and what that may have done to its agents. An order without an answer may take effect until the cluster was calm
 * for long enough to have done with it.
 */

import type { CalmTimes } from "./calm.ts";
import type { MachineJson, MaintenanceOrderJson, MaintenanceTimings, UnavailabilityJson } from "./maintenance-json.ts";
import type { MaintenanceOrderRecord, OrderRecord } from "./records.ts";

/** Where an agent is, as masters see it. */
export interface AgentPlace {
  readonly hostname: string;
  readonly ip: string | undefined;
}

/** A time in which maintenance may have taken from an agent what it had. */
export interface Touch {
  readonly fromMs: number;
  /** From then on the agent may have been told to end; Infinity: never. */
  readonly removesFromMs: number;
  /** Agents that registered later than this were not touched. */
  readonly overMs: number;
}

type OrderOf<Kind extends MaintenanceOrderJson["kind"]> = OrderRecord<Extract<MaintenanceOrderJson, { kind: Kind }>>;

/** An order that was not refused, and the latest instant at which it took effect. */
interface Change<Kind extends MaintenanceOrderJson["kind"]> {
  readonly order: OrderOf<Kind>;
  readonly body: OrderOf<Kind>["body"];
  readonly fromMs: number;
  readonly latestMs: number;
  readonly isSure: boolean;
}

type Update = Change<"updateSchedule">;
type Start = Change<"startMaintenance">;
type Stop = Change<"stopMaintenance">;

export interface MachineTimesSources {
  readonly orders: readonly MaintenanceOrderRecord[];
  readonly maintenance: MaintenanceTimings | undefined;
  readonly calm: CalmTimes;
  readonly noticeMs: number;
}

/** A time in which a machine surely was DOWN. */
export interface DownTime {
  readonly start: OrderOf<"startMaintenance">;
  /** When somebody first asked to take it up again. */
  readonly untilSeq: number;
  readonly untilMs: number;
}

/** Mesos's and tepui's own: what outlives the grace goes with its agent so much later. */
export const removalSlackMs = 10_000;

export class MachineTimes {
  readonly #updates: Update[] = [];
  readonly #starts: Start[] = [];
  readonly #stops: Stop[] = [];
  readonly #maintenance: MaintenanceTimings;
  readonly #noticeMs: number;
  readonly #touches = new Map<string, readonly Touch[]>();

  constructor({ orders, maintenance, calm, noticeMs }: MachineTimesSources) {
    this.#maintenance = maintenance ?? { mode: "enforce", revocationGraceMs: 60_000, wallSkewMaxMs: 0 };
    this.#noticeMs = noticeMs;
    for (const order of orders) {
      if (order.outcome === "fail") continue;
      const { outcome, invokeAtMs: fromMs, outcomeAtMs } = order;
      const latestMs = outcome === "info" ? calm.firstCalmEnd(outcomeAtMs, noticeMs) : outcomeAtMs;
      const change = { fromMs, latestMs, isSure: outcome === "ok" };
      if (isOrder(order, "updateSchedule")) this.#updates.push({ ...change, order, body: order.body });
      else if (isOrder(order, "startMaintenance")) this.#starts.push({ ...change, order, body: order.body });
      else if (isOrder(order, "stopMaintenance")) this.#stops.push({ ...change, order, body: order.body });
    }
  }

  get mode(): MaintenanceTimings["mode"] {
    return this.#maintenance.mode;
  }

  /** Whether nobody planned anything. */
  get isEmpty(): boolean {
    return this.#updates.length === 0;
  }

  /** The windows that a machine may have had at some time between two instants; undefined stands for none. Never empty. */
  windows(place: AgentPlace, fromMs: number, toMs: number): readonly (UnavailabilityJson | undefined)[] {
    if (this.isEmpty) return noWindow;
    // Of the schedules that surely held before the first instant the one that was asked for last leaves nothing of those before it.
    const last = this.#updates.findLast(({ isSure, latestMs }) => isSure && latestMs < fromMs);
    const found: (UnavailabilityJson | undefined)[] = last === undefined ? [undefined] : [];
    for (const update of this.#updates) {
      if (update.fromMs > toMs || (last !== undefined && update.latestMs < last.fromMs)) continue;
      const own = ownWindows(update, place);
      if (own.length === 0) {
        found.push(undefined);
        continue;
      }
      const stops = this.#stops.filter((stop) => stop.fromMs <= toMs && stop.latestMs >= update.fromMs && names(stop.body.machines, place));
      const isStopped = own.length === 1 && stops.some((stop) => stop.isSure && stop.fromMs > update.latestMs && stop.latestMs < fromMs);
      if (stops.length > 0) found.push(undefined);
      if (!isStopped) found.push(...own);
    }
    return found.length === 0 ? noWindow : found;
  }

  /** The only window that a machine can have had all the time between two instants; undefined when there were several, or none. */
  onlyWindow(place: AgentPlace, fromMs: number, toMs: number): UnavailabilityJson | undefined {
    const [first, ...rest] = this.windows(place, fromMs, toMs);
    return first !== undefined && rest.every((one) => one !== undefined && isSameWindow(one, first)) ? first : undefined;
  }

  /** Whether a machine may have had one window and later another; undefined stands for none. */
  mayFollow(place: AgentPlace, earlier: UnavailabilityJson | undefined, later: UnavailabilityJson | undefined): boolean {
    let earliestMs = earlier === undefined ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (const change of this.#updates) if (mayGive(change, place, earlier)) earliestMs = Math.min(earliestMs, change.fromMs);
    const gives = (change: Update): boolean => change.latestMs >= earliestMs && mayGive(change, place, later);
    if (this.#updates.some(gives)) return true;
    return later === undefined && this.#stops.some((stop) => stop.latestMs >= earliestMs && names(stop.body.machines, place));
  }

  /** Whether the schedule may have changed between two instants. */
  mayChange(fromMs: number, toMs: number): boolean {
    return [...this.#updates, ...this.#stops, ...this.#starts].some((change) => change.fromMs <= toMs && change.latestMs >= fromMs);
  }

  /** The schedules that surely came to hold, in the order in which they were asked for. */
  get sureUpdates(): readonly OrderOf<"updateSchedule">[] {
    return this.#updates.filter(({ isSure }) => isSure).map(({ order }) => order);
  }

  /** Whether the machine may have been DOWN at some time between two instants. */
  mayBeDown(place: AgentPlace, fromMs: number, toMs: number): boolean {
    return this.#starts.some((start) => start.fromMs <= toMs && names(start.body.machines, place) && this.#upMs(start) >= fromMs);
  }

  /** The times in which a machine surely was DOWN. */
  downTimes(place: AgentPlace): readonly DownTime[] {
    return this.#starts.flatMap((start) => {
      if (!start.isSure || !names(start.body.machines, place)) return [];
      const stops = this.#stops.filter((stop) => meet(stop.body.machines, start.body.machines) || names(stop.body.machines, place));
      if (stops.some((stop) => stop.fromMs <= start.latestMs && stop.latestMs >= start.fromMs)) return [];
      const end = stops.find((stop) => stop.fromMs > start.latestMs);
      const untilSeq = end?.order.invokeSeq ?? Number.POSITIVE_INFINITY;
      return [{ start: start.order, untilSeq, untilMs: end?.fromMs ?? Number.POSITIVE_INFINITY }];
    });
  }

  /** What maintenance may have done to agents in a place. */
  touches(place: AgentPlace): readonly Touch[] {
    const key = `${place.hostname} ${place.ip ?? ""}`;
    const known = this.#touches.get(key);
    if (known !== undefined) return known;
    const own = this.#starts.filter((start) => names(start.body.machines, place));
    const found = own.map((start): Touch => ({ fromMs: start.fromMs, removesFromMs: start.fromMs, overMs: this.#upMs(start) }));
    if (this.mode === "enforce") found.push(...this.#revocations(place));
    this.#touches.set(key, found);
    return found;
  }

  #revocations(place: AgentPlace): Touch[] {
    const { revocationGraceMs, wallSkewMaxMs } = this.#maintenance;
    return this.#updates.flatMap((update) => {
      const own = ownWindows(update, place);
      const isEnd = (one: Update | Stop): boolean => one.isSure && one.fromMs > update.latestMs;
      const next = this.#updates.find(isEnd);
      const stop = own.length > 1 ? undefined : this.#stops.find((one) => isEnd(one) && names(one.body.machines, place));
      const never = Number.POSITIVE_INFINITY;
      const endMs = Math.min(next?.latestMs ?? never, stop?.latestMs ?? never) + this.#noticeMs;
      return own.flatMap((window): Touch[] => {
        const earliestMs = window.startAtMs - wallSkewMaxMs;
        const fromMs = Math.max(update.fromMs, earliestMs);
        const removesFromMs = Math.max(this.#standsSinceMs(update, place, window), earliestMs) + revocationGraceMs;
        if (fromMs > endMs) return [];
        return [
          { fromMs, removesFromMs: removesFromMs > endMs ? Number.POSITIVE_INFINITY : removesFromMs, overMs: endMs + revocationGraceMs },
        ];
      });
    });
  }

  /** Since when the machine may have had the window of an update without a break: who orders the same again begins nothing anew. */
  #standsSinceMs(update: Update, place: AgentPlace, window: UnavailabilityJson): number {
    let sinceMs = update.fromMs;
    for (const earlier of this.#updates.slice(0, this.#updates.indexOf(update)).reverse()) {
      const isBroken = this.#stops.some(
        (stop) => stop.isSure && stop.fromMs > earlier.latestMs && stop.latestMs < update.fromMs && names(stop.body.machines, place),
      );
      if (isBroken || (earlier.isSure && !mayGive(earlier, place, window))) break;
      if (mayGive(earlier, place, window)) sinceMs = earlier.fromMs;
    }
    return sinceMs;
  }

  /** When the machines of an order were surely UP again. */
  #upMs(start: Start): number {
    const stop = this.#stops.find((one) => one.isSure && one.fromMs > start.latestMs && meet(one.body.machines, start.body.machines));
    return (stop?.latestMs ?? Number.POSITIVE_INFINITY) + this.#noticeMs;
  }
}

const noWindow: readonly undefined[] = [undefined];

function isOrder<Kind extends MaintenanceOrderJson["kind"]>(order: MaintenanceOrderRecord, kind: Kind): order is OrderOf<Kind> {
  return order.body.kind === kind;
}

function ownWindows({ body }: Update, place: AgentPlace): UnavailabilityJson[] {
  return body.windows.flatMap(({ machines, unavailability }) => (names(machines, place) ? [unavailability] : []));
}

function mayGive(update: Update, place: AgentPlace, window: UnavailabilityJson | undefined): boolean {
  const own = ownWindows(update, place);
  return own.length === 0 ? window === undefined : own.some((one) => isSameWindow(one, window));
}

export function isSameWindow(left: UnavailabilityJson | undefined, right: UnavailabilityJson | undefined): boolean {
  return left?.startAtMs === right?.startAtMs && left?.durationMs === right?.durationMs;
}

/** Whether one of the machines is the place: all that its name has must fit. */
export function names(machines: readonly MachineJson[], place: AgentPlace): boolean {
  return machines.some(({ hostname, ip }) => {
    if (hostname === undefined && ip === undefined) return false;
    return (hostname === undefined || hostname.toLowerCase() === place.hostname) && (ip === undefined || ip === place.ip);
  });
}

/** Whether both lists have a machine of the same name. */
function meet(left: readonly MachineJson[], right: readonly MachineJson[]): boolean {
  return left.some((one) => right.some((other) => one.hostname === other.hostname && one.ip === other.ip));
}
