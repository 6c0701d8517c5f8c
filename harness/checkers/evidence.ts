/** What several checkers conclude from the same records: whether a launch took effect, what a framework still owes an answer to. */

import type { NodeName, WatchJson } from "../history/event.ts";
import type {
  DrainRecord,
  KillOrderRecord,
  KillRecord,
  LaunchRecord,
  OfferRecord,
  StreamLife,
  TaskRecord,
  UpdateRecord,
} from "../history/records.ts";
import { type HistoryView, isAgentCalm, taskKey } from "../history/view.ts";

/** The reference's grace of a task without a kill policy. */
export const defaultGraceMs = 3_000;

/** States that only a task which was really launched can be said to be in. */
const launchedStates: ReadonlySet<string> = new Set([
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_FAILED",
]);

/** States that say that a task was lost in one way or another. */
export const lostStates: ReadonlySet<string> = new Set([
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);

/** A position that shows that the task was launched, or undefined: a ledger line, an agent's update, a snapshot. */
export function effectSeq(task: TaskRecord): number | undefined {
  const line = task.ledger[0];
  if (line !== undefined) return line.seq;
  const update = task.updates.find(({ status }) => status.uuid !== undefined || launchedStates.has(status.state));
  if (update !== undefined) return update.seq;
  return Number.isFinite(task.snapshotSeq) ? task.snapshotSeq : undefined;
}

/** The task's only launch; undefined when none or several name its id, so that what is seen of it cannot be told apart. */
export function onlyLaunch(task: TaskRecord): LaunchRecord | undefined {
  return task.launches.length === 1 ? task.launches[0] : undefined;
}

/**
 * Whether the framework of the task said that it does not checkpoint: its tasks end with the process of their agent, are lost as soon as
 * that is disconnected, and nobody keeps a record of how they ended.
 */
export function isVolatile(view: HistoryView, task: TaskRecord): boolean {
  return task.launches.some(({ call }) => view.frameworks.get(call.framework)?.subscribes[0]?.body.checkpoint === false);
}

/** The one way in which the loss of a link is announced to a framework that does not checkpoint. */
export function isDisconnectionNotice({ status: { state, reason } }: UpdateRecord): boolean {
  return state === "TASK_LOST" && reason === "REASON_AGENT_DISCONNECTED";
}

/** The other tasks of the task's group; none when it was launched by itself. */
export function groupMates(view: HistoryView, task: TaskRecord): readonly TaskRecord[] {
  const call = onlyLaunch(task)?.call;
  if (call?.body.group === undefined) return [];
  return call.body.tasks.flatMap(({ taskId }) => {
    const mate = view.tasks.get(taskKey(task.frameworkId, taskId));
    return mate === undefined || mate === task ? [] : [mate];
  });
}

/** Each KILL of the task: of its framework and of operators. */
export function killRequests({ kills, killOrders }: TaskRecord): readonly (KillRecord | KillOrderRecord)[] {
  return killOrders.length === 0 ? kills : [...kills, ...killOrders];
}

/** How the task is looked at, by its only launch. */
export function watchOf(task: TaskRecord): WatchJson | undefined {
  return onlyLaunch(task)?.call.body.tasks.find(({ taskId }) => taskId === task.taskId)?.watch;
}

/** Whether the offer was still the framework's at a position: delivered, not rescinded, not named by any earlier call, its stream up. */
export function isOutstanding(offer: OfferRecord, atSeq: number): boolean {
  return (
    offer.seq < atSeq &&
    offer.rescindedSeq > atSeq &&
    offer.stream.closedSeq > atSeq &&
    offer.uses.every((use) => use.outcome === "fail" || use.invokeSeq >= atSeq)
  );
}

/** The master's answer to a question; an agent that misses a task says so with the same reason, reliably. */
export function isReconciliation(update: UpdateRecord): boolean {
  return update.status.reason === "REASON_RECONCILIATION" && update.status.uuid === undefined;
}

/** An update by which the agent or the executor speaks. */
export function isReliable(update: UpdateRecord): boolean {
  return update.status.uuid !== undefined;
}

/** The one way in which drain now may announce a lost task. */
export function isRemovalNotice(update: UpdateRecord): boolean {
  const { state, reason, source, uuid } = update.status;
  return state === "TASK_LOST" && reason === "REASON_AGENT_REMOVED" && source === "SOURCE_MASTER" && uuid === undefined;
}

/** What the master says of a task when it gives up its agent for silence: TASK_LOST to a framework that is not partition aware. */
export function saysUnreachable({ status }: UpdateRecord): boolean {
  if (status.uuid !== undefined || status.reason !== "REASON_AGENT_REMOVED") return false;
  return status.state === "TASK_UNREACHABLE" || /\bunreachable\b/.test(status.message ?? "");
}

/** Whether drain now's update says that the task was still alive when the agent left. */
export function namesAsAlive(update: UpdateRecord): boolean {
  return /\b(still|alive)\b/i.test(update.status.message ?? "");
}

/**
 * When the framework had acknowledged every non-terminal update of the task that it saw, so that the next one was free
 * to come; undefined when it had not, or when an acknowledgement may have been lost. -Infinity when there was nothing to acknowledge.
 */
export function acknowledgedAtMs(task: TaskRecord): number | undefined {
  let latest = Number.NEGATIVE_INFINITY;
  const seen = new Set<string>();
  for (const update of task.updates) {
    const { uuid } = update.status;
    if (uuid === undefined || update.terminal || seen.has(uuid)) continue;
    seen.add(uuid);
    const done = task.acknowledgements.find((call) => call.body.uuid === uuid && call.outcome === "ok");
    if (done === undefined) return undefined;
    latest = Math.max(latest, done.outcomeAtMs);
  }
  return latest;
}

/** Whether the framework of this stream said that it understands partitions; undefined when the history does not say. */
export function isPartitionAware(stream: StreamLife): boolean | undefined {
  return stream.subscribe?.body.partitionAware;
}

/**
 * Whether, between two instants, the master surely counted each agent as registered or as removed: none had yet to come
 * back. A drain counts only when the masters were calm; otherwise the agent's farewell may have got lost.
 */
export function areAgentsSettled(view: HistoryView, fromMs: number, untilMs: number): boolean {
  if (!view.calm.isCalm(fromMs, untilMs)) return false;
  for (const agentId of view.nodeOf.keys()) {
    const drain = view.drainOf.get(agentId);
    if (isSurelyGone(view, agentId, fromMs)) continue;
    if (drain !== undefined && drain.fault.beginAtMs <= untilMs) {
      if (!isCleanDrain(view, drain) || drain.life.exitedAtMs + view.noticeMs > fromMs) return false;
    } else if (!isAgentCalm(view, agentId, fromMs, untilMs)) return false;
  }
  return true;
}

/** Whether the master had answered, some time before an instant, that the agent is marked gone. */
export function isSurelyGone(view: HistoryView, agentId: string, atMs: number): boolean {
  return (view.orders.markedGone(agentId)?.outcomeAtMs ?? Number.POSITIVE_INFINITY) + view.noticeMs < atMs;
}

/**
 * Whether no fault but those of agents was at work between two instants: none of masters, of the network or of the registry; and the
 * machine kept neither masters nor the given agent's node waiting.
 */
export function isLeaderFree({ faults, calm }: HistoryView, fromMs: number, toMs: number, node?: NodeName): boolean {
  if (calm.isStalled(fromMs, toMs, node)) return false;
  return !faults.some(({ target, beginAtMs, endAtMs }) => !target.startsWith("agent-") && beginAtMs <= toMs && endAtMs >= fromMs);
}

/** Whether what is written down at this instant may be much older: the machine kept the harness or a master waiting right before it. */
export function mayBeBelated({ calm, noticeMs }: HistoryView, atMs: number): boolean {
  return calm.isStalled(atMs - noticeMs, atMs);
}

/** Whether nothing kept the agent's farewell from its master. */
export function isCleanDrain(view: HistoryView, { fault, node, life }: DrainRecord): boolean {
  const untilMs = life.exitedAtMs + view.noticeMs;
  if (!view.calm.isCalm(fault.beginAtMs - view.noticeMs, fault.beginAtMs, node)) return false;
  const hidden = view.faults.some(
    (other) => other !== fault && other.target === node && other.beginAtMs >= fault.beginAtMs && other.beginAtMs <= untilMs,
  );
  return !hidden && life.code === 0 && view.calm.isCalm(fault.beginAtMs, untilMs);
}

/** The clock that tasks write into their ledgers counts in steps of 10 ms, and was read once to know how it goes with the harness's. */
const ledgerClockErrorMs = 50;

/**
 * How far the instant of a ledger line may be off. The line says itself when it was written, so this is much less than
 * the jitter with which the harness hears of things; simulation has neither.
 */
export function ledgerErrorMs(view: Pick<HistoryView, "epsilonMs">): number {
  return Math.min(view.epsilonMs, ledgerClockErrorMs);
}

/** The first item at or after an instant in a list ordered by time. */
export function firstIndexFrom(items: readonly { readonly atMs: number }[], atMs: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.atMs ?? 0) >= atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What an agent ends with that the master refused. */
export const refusedExitCode = 3;

/** The latest agent of the node may have been marked gone, or be on a machine that is in maintenance: the master tells it to end. */
export function mayBeDismissed(view: HistoryView, node: NodeName, seq: number): boolean {
  // One that never registered may be refused as well.
  if (view.machines.touches(view.placeOfNode(node)).some(({ removesFromMs }) => removesFromMs <= view.atMsOf(seq))) return true;
  const agentId = view.registrations.findLast((one) => one.node === node && one.seq < seq)?.agentId;
  return agentId !== undefined && view.orders.mayBeGone(agentId, seq);
}

/**
 * An agent that was drained and died before it had retired its id comes back with it. The master may have removed the id
 * by then, so it refuses the agent, which retires and ends; the next one is new.
 */
export function wasLeaving(view: HistoryView, node: NodeName, seq: number): boolean {
  return view.drains.some(
    ({ node: drained, life }) =>
      drained === node &&
      life.exitedSeq < seq &&
      (life.code !== 0 || life.signal !== undefined) &&
      !view.registrations.some((one) => one.node === node && one.seq > life.exitedSeq && one.seq < seq),
  );
}
