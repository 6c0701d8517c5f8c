/**
 * Everything that checkers ask of a history, computed once in one pass and shared by all of them: streams with their
 * lives, calls with outcomes, offers with uses, tasks by framework id, agent ids by node, drains, calm times.
 */

import { CalmTimes } from "./calm.ts";
import type { ClusterTimings, FrameworkName, HistoryEvent, NodeName } from "./event.ts";
import { findImpostures, type ImpostureRecord } from "./impostures.ts";
import { type AgentPlace, MachineTimes, type Touch } from "./machine-times.ts";
import { maintenanceOrderKinds } from "./maintenance-json.ts";
import { AgentOrders } from "./orders.ts";
import type { ReaderLife } from "./reader-lives.ts";
import type {
  AgentOrderRecord,
  CallRecord,
  DrainRecord,
  FaultRecord,
  FrameworkRecord,
  InverseOfferRecord,
  MaintenanceOrderRecord,
  NodeLife,
  OfferRecord,
  OrderRecord,
  ProcessesRecord,
  Registration,
  ResourceOrderRecord,
  RoleOrderRecord,
  SnapshotRecord,
  StreamLife,
  TaskRecord,
  TeardownOrderRecord,
} from "./records.ts";
import { isOrder } from "./records.ts";
import { roleOrderKinds } from "./role-json.ts";
import { RoleTimes } from "./role-times.ts";
import { findLongStalls } from "./stalls.ts";
import { ViewBuilder } from "./view-builder.ts";

export interface HistoryView {
  readonly events: readonly HistoryEvent[];
  /** Undefined when the history lacks its `run` event; judge() calls such a history unknown. */
  readonly hasRun: boolean;
  readonly tier: string;
  readonly timings: ClusterTimings;
  readonly epsilonMs: number;
  /** How long a message and what it causes may take in calm times. */
  readonly noticeMs: number;
  readonly endAtMs: number;
  readonly streams: readonly StreamLife[];
  readonly frameworks: ReadonlyMap<FrameworkName, FrameworkRecord>;
  readonly frameworkNames: ReadonlyMap<string, FrameworkName>;
  readonly calls: readonly CallRecord[];
  readonly offers: readonly OfferRecord[];
  readonly offersById: ReadonlyMap<string, readonly OfferRecord[]>;
  readonly offersByAgent: ReadonlyMap<string, readonly OfferRecord[]>;
  /** By `taskKey`. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly tasksByAgent: ReadonlyMap<string, readonly TaskRecord[]>;
  readonly registrations: readonly Registration[];
  readonly lives: ReadonlyMap<NodeName, readonly NodeLife[]>;
  readonly faults: readonly FaultRecord[];
  readonly drains: readonly DrainRecord[];
  /** Drained agent ids, by id. */
  readonly drainOf: ReadonlyMap<string, DrainRecord>;
  /** What operators ordered about agents. */
  readonly orders: AgentOrders;
  /** What they ordered and asked about the maintenance of machines, refusals included. */
  readonly maintenanceOrders: readonly MaintenanceOrderRecord[];
  /** What operators ordered of the resources of agents. */
  readonly resourceOrders: readonly ResourceOrderRecord[];
  /** Which frameworks operators wanted to end. */
  readonly teardownOrders: readonly TeardownOrderRecord[];
  /** Event streams of operators. */
  readonly readers: readonly ReaderLife[];
  /** When quotas and weights of roles held. */
  readonly roles: RoleTimes;
  /** When machines had a window, or were DOWN. */
  readonly machines: MachineTimes;
  /** Where the agent of an id is; undefined for one that never registered. */
  readonly placeOf: (agentId: string) => AgentPlace | undefined;
  readonly placeOfNode: (node: NodeName) => AgentPlace;
  /** When the event at a position happened. */
  readonly atMsOf: (seq: number) => number;
  readonly inverseOffers: readonly InverseOfferRecord[];
  readonly inverseOffersByAgent: ReadonlyMap<string, readonly InverseOfferRecord[]>;
  readonly impostures: readonly ImpostureRecord[];
  readonly snapshots: readonly SnapshotRecord[];
  readonly processes: readonly ProcessesRecord[];
  /** Framework ids that somebody may have torn down. */
  readonly tornDown: ReadonlySet<string>;
  /** Which node had an agent id; the first one, should several claim it. */
  readonly nodeOf: ReadonlyMap<string, NodeName>;
  readonly calm: CalmTimes;
}

/** The reference's lengths of time, for a history that does not say its own. */
const fallbackTimings: ClusterTimings = {
  allocationIntervalMs: 1_000,
  heartbeatIntervalMs: 15_000,
  pingTimeoutMs: 15_000,
  pingTimeoutsMax: 5,
  reregisterTimeoutMs: 600_000,
  updateRetryMinMs: 10_000,
  updateRetryMaxMs: 600_000,
  registrationBackoffMaxMs: 60_000,
  epsilonMs: 0,
};

/** Message, handling and answer in calm times, on top of the tier's own jitter. A simulated link delays by less. */
const handlingMs = 1_000;

export function taskKey(frameworkId: string, taskId: string): string {
  return `${frameworkId}\u0000${taskId}`;
}

/** Reads a whole history. Never throws on well-formed events, in whatever order. */
export function buildView(events: readonly HistoryEvent[]): HistoryView {
  const builder = new ViewBuilder();
  for (const event of events) builder.add(event);
  const timings = builder.run?.timings ?? fallbackTimings;
  const noticeMs = timings.epsilonMs + handlingMs;
  const registrationsByNode = groupBy(builder.registrations, (registration) => registration.node);
  const drains = findDrains(builder, registrationsByNode);
  const registrationOf = new Map([...builder.registrations].reverse().map((registration) => [registration.agentId, registration]));
  const calm = new CalmTimes({
    timings,
    noticeMs,
    faults: [...builder.faults.values()],
    lives: builder.lives,
    registrations: registrationsByNode,
    convergedAtMs: builder.convergedAtMs,
    stalls: findLongStalls(builder.stalls, timings.epsilonMs),
  });
  const orders = [...builder.orders.values()];
  const maintenanceOrders = orders.filter(isMaintenanceOrder);
  const machines = new MachineTimes({ orders: maintenanceOrders, maintenance: timings.maintenance, calm, noticeMs });
  return {
    events,
    hasRun: builder.run !== undefined,
    tier: builder.run?.tier ?? "unknown",
    timings,
    epsilonMs: timings.epsilonMs,
    noticeMs,
    endAtMs: builder.endAtMs,
    streams: [...builder.streams.values()],
    frameworks: builder.frameworks,
    frameworkNames: builder.frameworkNames,
    calls: [...builder.calls.values()],
    offers: builder.offers,
    offersById: builder.offersById,
    offersByAgent: groupBy(builder.offers, (offer) => offer.agentId),
    tasks: builder.tasks,
    tasksByAgent: tasksByAgent(builder.tasks),
    registrations: builder.registrations,
    lives: builder.lives,
    faults: [...builder.faults.values()],
    drains,
    drainOf: new Map(drains.map((drain) => [drain.agentId, drain])),
    orders: new AgentOrders(orders.filter(isAgentOrder), {
      of: (agentId) => (machines.isEmpty ? noTouches : touchesOf(machines, registrationOf.get(agentId), builder)),
      atMsOf: (seq) => atMsOf(events, seq),
    }),
    machines,
    roles: new RoleTimes(orders.filter(isRoleOrder), timings.epsilonMs),
    maintenanceOrders,
    readers: builder.readers.all,
    resourceOrders: orders.filter((order): order is ResourceOrderRecord => isOrder(order, "changeResources")),
    teardownOrders: orders.filter((order): order is TeardownOrderRecord => isOrder(order, "teardown")),
    placeOfNode: (node) => placeOf(node, builder),
    atMsOf: (seq) => atMsOf(events, seq),
    placeOf: (agentId) => {
      const registration = registrationOf.get(agentId);
      return registration === undefined ? undefined : placeOf(registration.node, builder);
    },
    inverseOffers: builder.inverseOffers,
    inverseOffersByAgent: groupBy(builder.inverseOffers, (inverseOffer) => inverseOffer.agentId),
    impostures: findImpostures(events),
    snapshots: builder.snapshots,
    processes: builder.processes,
    tornDown: tornDownIds(builder),
    nodeOf: new Map([...registrationOf].map(([agentId, { node }]) => [agentId, node])),
    calm,
  };
}

/**
 * Whether the agent's node is known, it and the masters were calm between the two instants, and no operator was ending what runs there:
 * an order to drain it or that it is gone takes its calm like a fault.
 */
export function isAgentCalm(view: HistoryView, agentId: string, fromMs: number, toMs: number): boolean {
  const node = view.nodeOf.get(agentId);
  return node !== undefined && view.calm.isCalm(fromMs, toMs, node) && !view.orders.mayEmpty(agentId, fromMs, toMs);
}

function isAgentOrder(order: OrderRecord): order is AgentOrderRecord {
  return "agentId" in order.body && !isOrder(order, "changeResources");
}

function isMaintenanceOrder(order: OrderRecord): order is MaintenanceOrderRecord {
  return maintenanceOrderKinds.has(order.body.kind);
}

function isRoleOrder(order: OrderRecord): order is RoleOrderRecord {
  return roleOrderKinds.has(order.body.kind);
}

const noTouches: readonly Touch[] = [];

/** Of an agent that registered after it was over none of a machine's maintenance is felt. Who never registered is in no known place. */
function touchesOf(machines: MachineTimes, registration: Registration | undefined, builder: ViewBuilder): readonly Touch[] {
  if (registration === undefined) return noTouches;
  const touches = machines.touches(placeOf(registration.node, builder));
  return touches.length === 0 ? noTouches : touches.filter(({ overMs }) => overMs >= registration.atMs);
}

function placeOf(node: NodeName, { addresses }: ViewBuilder): AgentPlace {
  return { hostname: node, ip: addresses.get(node) };
}

/** Instants of positions between events are those of the event before. */
function atMsOf(events: readonly HistoryEvent[], seq: number): number {
  if (seq === Number.POSITIVE_INFINITY) return seq;
  const event = events[seq];
  if (event?.seq === seq) return event.atMs;
  return events.findLast((one) => one.seq <= seq)?.atMs ?? Number.NEGATIVE_INFINITY;
}

/** Whether the stream was up all the time from a position until an instant, which the history reaches. */
export function isUpUntil(view: HistoryView, stream: StreamLife, fromSeq: number, untilMs: number): boolean {
  return stream.frameworkId !== undefined && stream.openedSeq <= fromSeq && stream.closedAtMs > untilMs && view.endAtMs >= untilMs;
}

/** The stream that a call went over, when the history knows it. */
export function streamOf(view: HistoryView, call: CallRecord): StreamLife | undefined {
  const streams = view.frameworks.get(call.framework)?.streams ?? [];
  if (call.streamId !== undefined) return streams.find((stream) => stream.streamId === call.streamId);
  return streams.findLast((stream) => stream.openedSeq < call.invokeSeq);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function tasksByAgent(tasks: ReadonlyMap<string, TaskRecord>): Map<string, TaskRecord[]> {
  const groups = new Map<string, TaskRecord[]>();
  for (const task of tasks.values()) {
    for (const agentId of new Set(task.launches.map((launch) => launch.agentId))) {
      const group = groups.get(agentId);
      if (group === undefined) groups.set(agentId, [task]);
      else group.push(task);
    }
  }
  return groups;
}

function tornDownIds(builder: ViewBuilder): Set<string> {
  const ids = new Set<string>();
  for (const call of builder.calls.values()) {
    if (call.body.kind === "teardown" && call.outcome !== "fail" && call.frameworkId !== undefined) ids.add(call.frameworkId);
  }
  for (const order of builder.orders.values()) {
    if (isOrder(order, "teardown") && order.outcome !== "fail") ids.add(order.body.frameworkId);
  }
  return ids;
}

function findDrains(builder: ViewBuilder, registrations: ReadonlyMap<string, readonly Registration[]>): DrainRecord[] {
  const drains: DrainRecord[] = [];
  const drained = new Set<NodeLife>();
  for (const fault of builder.faults.values()) {
    if (fault.name !== "drain-now") continue;
    const life = builder.lives.get(fault.target)?.findLast((one) => one.startedSeq < fault.beginSeq && one.exitedSeq > fault.beginSeq);
    const registration = registrations.get(fault.target)?.findLast((one) => one.seq < fault.beginSeq);
    if (life === undefined || registration === undefined || drained.has(life)) continue;
    // An agent that comes after one that left, and is not registered yet, has no id to leave with.
    if (drains.some((one) => one.agentId === registration.agentId && one.life.code === 0 && registration.seq < one.life.exitedSeq))
      continue;
    drained.add(life);
    drains.push({ fault, node: fault.target, agentId: registration.agentId, life });
  }
  return drains;
}
