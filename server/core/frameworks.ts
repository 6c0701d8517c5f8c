/** Frameworks from their first subscription to their end: connected, disconnected with a deadline, completed. */

import { assert, assertDefined } from "../../common/assert.ts";
import { BoundedList } from "../../common/bounded-list.ts";
import type { FrameworkId, StreamId } from "../../common/ids.ts";
import { sendToAgent } from "./agents/connection.ts";
import { wantAllocation } from "./allocator/allocator.ts";
import { OfferFilters } from "./allocator/filters.ts";
import type { FrameworkDescription } from "./calls/call.ts";
import type { CallRefusal } from "./effect.ts";
import { removeExecutor } from "./executors.ts";
import { discardInverseOffer } from "./inverse-offers.ts";
import { completedTasksPerFrameworkMax, retiredFrameworksMax } from "./limits.ts";
import { discardOffer } from "./offers.ts";
import { forgetOperations } from "./operations.ts";
import { propose } from "./registrar.ts";
import type { RegistryOp, SubscribingFramework, Teardown } from "./registry-op.ts";
import { sendEvent } from "./scheduler-events.ts";
import type { Framework, FrameworkConnection, MasterState } from "./state.ts";
import { completeTask, moveTask } from "./tasks.ts";
import { log, type Turn } from "./turn.ts";
import { noteFramework } from "./watch.ts";

/** The framework is durable as it subscribed: its stream becomes the live one, an older one ends. */
export function frameworkSubscribed(turn: Turn, subscribing: SubscribingFramework): void {
  const { state } = turn;
  const { frameworkId, streamId } = subscribing;
  endPendingSubscription(state, frameworkId);
  const known = state.frameworks.get(frameworkId);
  const framework = known ?? addFramework(turn, frameworkId, { description: subscribing.framework, connection: { kind: "disconnected" } });
  framework.description = subscribing.framework;
  framework.proposedDescription = subscribing.framework;
  framework.suppressedRoles = new Set(subscribing.suppressedRoles);
  framework.offerConstraints = subscribing.offerConstraints;
  if (!state.streams.has(streamId)) {
    if (framework.connection.kind !== "connected") startFailoverTimer(turn, framework);
    return;
  }
  log(turn, "framework subscribed", { frameworkId, name: framework.description.name });
  endOldStream(turn, framework);
  framework.connection = { kind: "connected", streamId };
  if (known !== undefined) framework.reregisteredWallMs = turn.wallMs;
  const { heartbeatIntervalMs, address } = turn.config;
  sendEvent(turn, framework, { kind: "subscribed", frameworkId, heartbeatIntervalMs, master: address });
  sendHeartbeat(turn, framework);
  if (known !== undefined) updateAgents(turn, framework, { sameScheduler: false });
  wantAllocation(state, "all");
}

/** The scheduler's stream ended. Its offers go back at once; a deadline for its return begins. */
export function schedulerStreamClosed(turn: Turn, streamId: StreamId): void {
  const { state } = turn;
  const stream = state.streams.get(streamId);
  if (stream === undefined) return;
  state.streams.delete(streamId);
  const framework = state.frameworks.get(stream.frameworkId);
  if (framework === undefined || !isConnectedBy(framework, streamId)) return;
  framework.connection = { kind: "disconnected" };
  noteFramework(state, framework.frameworkId);
  state.deadlines.heartbeats.delete(framework.frameworkId);
  withdrawOffers(state, framework);
  startFailoverTimer(turn, framework);
}

/** Whether this stream is the live one of the framework. */
export function isConnectedBy(framework: Framework, streamId: StreamId): boolean {
  return framework.connection.kind === "connected" && framework.connection.streamId === streamId;
}

export function sendHeartbeat(turn: Turn, framework: Framework): void {
  if (!sendEvent(turn, framework, { kind: "heartbeat" })) return;
  turn.state.deadlines.heartbeats.set(framework.frameworkId, turn.nowMs + turn.config.heartbeatIntervalMs);
}

/** A framework that an agent still has and nobody knew. It must subscribe in time. */
export function recoverFramework(turn: Turn, frameworkId: FrameworkId, description: FrameworkDescription): void {
  const { state } = turn;
  if (state.frameworks.has(frameworkId) || state.retiredFrameworks.has(frameworkId)) return;
  const framework = addFramework(turn, frameworkId, { description, connection: { kind: "recovered" } });
  waitForSubscription(turn, framework);
}

/**
 * Gives a recovered framework the time that it would have after a disconnect, but never less than its agents get: the
 * master went away, not the framework.
 */
export function waitForSubscription(turn: Turn, framework: Framework): void {
  if (turn.state.pendingSubscriptions.has(framework.frameworkId)) return;
  const timeoutMs = Math.max(framework.description.failoverTimeoutMs, turn.config.agentReregisterTimeoutMs);
  setFailoverDeadline(turn, framework, timeoutMs);
}

export function addFramework(
  turn: Turn,
  frameworkId: FrameworkId,
  { description, connection }: { description: FrameworkDescription; connection: FrameworkConnection },
): Framework {
  const framework: Framework = {
    frameworkId,
    description,
    proposedDescription: description,
    pendingUpdateCount: 0,
    connection,
    isCompleting: false,
    suppressedRoles: new Set(),
    offerConstraints: new Map(),
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: new BoundedList(completedTasksPerFrameworkMax),
    operations: new Map(),
    executors: new Set(),
    offers: new Set(),
    filters: new OfferFilters(),
    inverseOffers: new Set(),
    inverseFilters: new Map(),
    shares: new Map(),
    registeredWallMs: turn.wallMs,
    reregisteredWallMs: undefined,
  };
  turn.state.frameworks.set(frameworkId, framework);
  noteFramework(turn.state, frameworkId);
  return framework;
}

/** Has the end of a framework written; until then it does nothing any more. `teardown` waits for an answer. */
export function proposeCompletion(turn: Turn, framework: Framework, teardown: Teardown | undefined): void {
  if (framework.isCompleting) return;
  framework.isCompleting = true;
  noteFramework(turn.state, framework.frameworkId);
  turn.state.deadlines.failovers.delete(framework.frameworkId);
  const { frameworkId, proposedDescription } = framework;
  propose(turn, { kind: "completeFramework", frameworkId, framework: proposedDescription, atWallMs: turn.wallMs, teardown });
}

/** The framework has durably ended: nothing of it stays. */
export function frameworkCompleted(turn: Turn, op: Extract<RegistryOp, { kind: "completeFramework" }>): void {
  const { state } = turn;
  const { frameworkId } = op;
  const framework = assertDefined(state.frameworks.get(frameworkId), `framework ${frameworkId} that completes`);
  log(turn, "framework removed", { frameworkId, tasks: framework.tasks.size });
  withdrawOffers(state, framework);
  for (const agent of state.agents.values()) sendToAgent(turn, agent, { kind: "shutdownFramework", frameworkId });
  for (const task of [...framework.tasks.values(), ...framework.unreachableTasks.values()]) {
    moveTask(state, task, "TASK_KILLED");
    completeTask(state, framework, task);
  }
  framework.unreachableTasks.clear();
  forgetOperations(state, framework);
  for (const executor of [...framework.executors]) removeExecutor(state, executor);
  if (framework.connection.kind === "connected") closeStream(turn, framework.connection.streamId, undefined);
  state.deadlines.heartbeats.delete(frameworkId);
  checkNothingLeft(framework);
  state.frameworks.delete(frameworkId);
  forgetRoles(state, framework);
  state.retiredFrameworks.set(frameworkId, op.atWallMs);
  state.completedFrameworks.add({
    frameworkId,
    description: framework.description,
    tasks: framework.completedTasks.toArray(),
    registeredWallMs: framework.registeredWallMs,
    completedWallMs: op.atWallMs,
  });
  if (op.teardown?.by === "scheduler") turn.emit({ kind: "reply", callId: op.teardown.callId, refusal: undefined });
  else if (op.teardown !== undefined) turn.emit({ kind: "operatorReply", callId: op.teardown.callId, response: { kind: "done" } });
  const excess = state.retiredFrameworks.size - retiredFrameworksMax;
  if (excess > 0) propose(turn, { kind: "forget", agentIds: [], frameworkIds: [...state.retiredFrameworks.keys()].slice(0, excess) });
}

/** Ends a stream from the master's side. */
export function closeStream(turn: Turn, streamId: StreamId, refusal: CallRefusal | undefined): void {
  turn.state.streams.delete(streamId);
  turn.emit({ kind: "closeSchedulerStream", streamId, refusal });
}

function endOldStream(turn: Turn, framework: Framework): void {
  if (framework.connection.kind === "connected") {
    sendEvent(turn, framework, { kind: "error", message: "Framework failed over: another scheduler subscribed with its id" });
    closeStream(turn, framework.connection.streamId, undefined);
  }
  withdrawOffers(turn.state, framework);
}

function endPendingSubscription(state: MasterState, frameworkId: FrameworkId): void {
  const pending = assertDefined(state.pendingSubscriptions.get(frameworkId), `pending subscription of framework ${frameworkId}`);
  pending.count -= 1;
  if (pending.count === 0) state.pendingSubscriptions.delete(frameworkId);
}

/** Offers and filters end with the stream that they were made for; a new stream hears nothing of them. */
function withdrawOffers(state: MasterState, framework: Framework): void {
  for (const offer of [...framework.offers]) discardOffer(state, offer);
  for (const inverseOffer of [...framework.inverseOffers]) discardInverseOffer(state, inverseOffer);
  framework.filters.clear();
  framework.inverseFilters.clear();
}

function startFailoverTimer(turn: Turn, framework: Framework): void {
  // A subscription that is being written decides; it starts the timer when its stream is gone by then.
  if (framework.isCompleting || turn.state.pendingSubscriptions.has(framework.frameworkId)) return;
  const timeoutMs = framework.proposedDescription.failoverTimeoutMs;
  if (timeoutMs <= 0) proposeCompletion(turn, framework, undefined);
  else setFailoverDeadline(turn, framework, timeoutMs);
}

/** The deadline counts in monotonic time here, and in Unix time for the masters that follow. */
function setFailoverDeadline(turn: Turn, framework: Framework, timeoutMs: number): void {
  const { frameworkId, proposedDescription } = framework;
  turn.state.deadlines.failovers.set(frameworkId, turn.nowMs + timeoutMs);
  propose(turn, { kind: "disconnectFramework", frameworkId, framework: proposedDescription, deadlineWallMs: turn.wallMs + timeoutMs });
}

/** Agents learn of the new description. For a new scheduler they send the updates again that wait for an acknowledgement. */
export function updateAgents(turn: Turn, framework: Framework, { sameScheduler }: { readonly sameScheduler: boolean }): void {
  const holders = [...framework.tasks.values(), ...framework.operations.values(), ...framework.executors];
  const agentIds = new Set(holders.map(({ agentId }) => agentId));
  for (const agentId of agentIds) {
    const agent = turn.state.agents.get(agentId);
    if (agent !== undefined) sendToAgent(turn, agent, { kind: "updateFramework", framework: framework.description.info, sameScheduler });
  }
}

function checkNothingLeft(framework: Framework): void {
  const { frameworkId, offers, tasks, executors, shares } = framework;
  assert(offers.size === 0, `framework ${frameworkId} completed with ${offers.size} offers`);
  assert(tasks.size === 0, `framework ${frameworkId} completed with ${tasks.size} tasks`);
  assert(executors.size === 0, `framework ${frameworkId} completed with ${executors.size} executors`);
  for (const [role, { quantities }] of shares) {
    assert(quantities.size === 0, `framework ${frameworkId} completed and holds ${[...quantities.keys()].join(", ")} in role ${role}`);
  }
}

/** Roles that nobody is in any more lose their counters. */
function forgetRoles(state: MasterState, framework: Framework): void {
  for (const role of framework.shares.keys()) {
    const share = state.allocation.roles.get(role);
    if (share === undefined || share.subtree.quantities.size > 0) continue;
    const isUsed = [...state.frameworks.values()].some(({ shares }) =>
      [...shares.keys()].some((other) => `${other}/`.startsWith(`${role}/`)),
    );
    if (!isUsed) state.allocation.roles.delete(role);
  }
}
