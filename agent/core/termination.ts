/**
 * Leaving for good, on SIGUSR1 or because the master refused the agent: everything underneath is killed at once, the id
 * is retired, the master is told as soon as everything is dead (or was given up), and the process exits.
 */

import { assert } from "../../common/assert.ts";
import type { AgentId, ContainerId } from "../../common/ids.ts";
import { agentKey, departedKey, record } from "./checkpoint.ts";
import { forgetChecks } from "./checks/watches.ts";
import { endDrain } from "./draining.ts";
import { closeExecutorStream } from "./executor-stream.ts";
import { agentLimits } from "./limits.ts";
import { currentLinkId, openLinkId, sendToMaster } from "./link.ts";
import type { TaskKey } from "./master-message.ts";
import type { AgentState, Terminating } from "./state.ts";
import { pauseRetries } from "./status-updates.ts";
import { exit, log, type Turn } from "./turn.ts";

/** SIGUSR1. A second one changes nothing. */
export function drainNow(turn: Turn): void {
  const { state } = turn;
  if (state.connection.kind === "recovering") {
    // Which containers there are is known a moment later; recovery goes on with the drain.
    state.isDrainRequested = true;
    return;
  }
  startTerminating(turn, { exitCode: 0, reason: "drained at once on request", announce: true });
}

/** Kills everything and then leaves. Launches, kills and updates end here. */
export function startTerminating(turn: Turn, how: Pick<Terminating, "exitCode" | "reason" | "announce">): void {
  const { state } = turn;
  if (state.connection.kind === "terminating") return;
  log(turn, "info", "the agent leaves: killing everything underneath", { reason: how.reason, tasks: state.tasks.size });
  const linkId = openLinkId(state.connection);
  // The master writes the registry while the tasks die: their end can be announced that much sooner.
  if (how.announce && state.connection.kind === "running" && state.agentId !== undefined) {
    sendToMaster(turn, { kind: "leaving", agentId: state.agentId });
  }
  const pending = linkId === undefined ? currentLinkId(state.connection) : undefined;
  if (pending !== undefined) turn.emit({ kind: "closeLink", linkId: pending });
  pauseRetries(turn);
  forgetChecks(state);
  state.pingByMs = undefined;
  state.connection = { kind: "terminating", linkId, ...how, stage: "killing", isRetired: false, answerByMs: undefined };
  turn.emit({ kind: "killAllContainers", timeoutMs: state.config.drainNowTimeoutMs });
}

/** Everything is dead but what `alive` names: the master is told, and the id and the tasks go from the checkpoint. */
export function allContainersKilled(turn: Turn, alive: readonly ContainerId[]): void {
  const { state } = turn;
  if (state.connection.kind !== "terminating" || state.connection.stage !== "killing") return;
  state.connection.stage = "leaving";
  if (state.agentId !== undefined) announceDeparture(turn, { agentId: state.agentId, alive: toTaskKeys(state, alive) });
  retireAgent(turn);
}

function toTaskKeys(state: AgentState, containerIds: readonly ContainerId[]): TaskKey[] {
  const keys: TaskKey[] = [];
  for (const containerId of containerIds) {
    const task = state.containers.get(containerId);
    const tasks = task === undefined ? (state.executorContainers.get(containerId)?.tasks ?? []) : [task];
    for (const { frameworkId, taskId } of tasks) keys.push({ frameworkId, taskId });
  }
  return keys;
}

interface Departure {
  readonly agentId: AgentId;
  readonly alive?: readonly TaskKey[];
}

/** Sends `unregister` once everything is dead, and waits a bounded time for the answer. */
export function announceDeparture(turn: Turn, { agentId, alive = [] }: Departure): void {
  const { connection } = turn.state;
  if (connection.kind !== "terminating" || connection.stage !== "leaving" || !connection.announce) return;
  if (connection.linkId === undefined) return;
  sendToMaster(turn, { kind: "unregister", agentId, credential: turn.state.credential, alive });
  connection.answerByMs = turn.nowMs + agentLimits.unregisterWaitMs;
}

/** The next agent in this place gets a new id and finds no tasks. */
function retireAgent(turn: Turn): void {
  const { state } = turn;
  for (const key of state.tasks.keys()) record(turn, key);
  for (const key of state.executors.keys()) record(turn, key);
  for (const framework of state.frameworks.values()) record(turn, framework.key);
  state.tasks.clear();
  state.frameworks.clear();
  state.containers.clear();
  forgetExecutors(turn);
  // What operations made of the resources stays: the next agent in this place has the same reservations and volumes.
  for (const key of state.operations.keys()) record(turn, key);
  state.operations.clear();
  if (state.agentId !== undefined && state.connection.kind === "terminating" && state.connection.announce) {
    state.departed.set(state.agentId, state.credential);
    record(turn, departedKey(state.agentId));
  }
  endDrain(turn);
  state.agentId = undefined;
  record(turn, agentKey, { kind: "retired" });
}

function forgetExecutors(turn: Turn): void {
  const { state } = turn;
  for (const executor of state.executors.values()) closeExecutorStream(turn, executor);
  state.executorDeadlines.takeDue(Number.POSITIVE_INFINITY);
  state.executors.clear();
  state.executorContainers.clear();
}

/** The retirement is durable. */
export function retired(turn: Turn): void {
  const { connection } = turn.state;
  assert(connection.kind === "terminating", `the id was retired while the agent was ${connection.kind}`);
  connection.isRetired = true;
}

/** The registry has forgotten the agent under this id: nothing is left to wait for, and nobody must be told again. */
export function unregistered(turn: Turn, agentId: AgentId): void {
  const { connection, departed } = turn.state;
  if (connection.kind === "terminating") connection.answerByMs = undefined;
  else if (departed.delete(agentId)) record(turn, departedKey(agentId));
}

/**
 * Says the departure again that the process before this one may have told to nobody, because no master was there. Until a
 * master knows, the tasks that died with it are not announced.
 */
export function repeatDepartures(turn: Turn): void {
  for (const [agentId, credential] of turn.state.departed) sendToMaster(turn, { kind: "unregister", agentId, credential, alive: [] });
}

/** Exits when the retirement is durable and the master has answered, cannot answer, or took too long. Called at the end of each step. */
export function exitIfDone(turn: Turn): void {
  const { connection } = turn.state;
  if (connection.kind !== "terminating" || !connection.isRetired) return;
  const isAnswerAwaited = connection.linkId !== undefined && connection.answerByMs !== undefined && turn.nowMs < connection.answerByMs;
  if (!isAnswerAwaited) exit(turn, connection.exitCode, connection.reason);
}
