/**
 * Finding and keeping a master: leader, link, registration, pings. Delays are drawn at random up to a bound that doubles,
 * so that many agents do not come back to a new master at the same instant.
 */

import { LinkId } from "../../common/ids.ts";
import { createdByOperations } from "../../common/resource-operations.ts";
import { awaitedUpdate } from "./awaited-update.ts";
import type { LeaderAddress } from "./input.ts";
import { agentLimits } from "./limits.ts";
import { currentLinkId, sendToMaster } from "./link.ts";
import type { Holdings, ReportedTask } from "./master-message.ts";
import { durableOperations } from "./operation-updates.ts";
import type { AgentState, Task } from "./state.ts";
import { pauseRetries } from "./status-updates.ts";
import { repeatDepartures } from "./termination.ts";
import { log, type Turn } from "./turn.ts";

export function leaderDetected(turn: Turn, leader: LeaderAddress | undefined): void {
  const { state } = turn;
  const isSame = leader?.hostname === state.leader?.hostname && leader?.grpcPort === state.leader?.grpcPort;
  state.leader = leader;
  if (state.connection.kind === "recovering" || state.connection.kind === "terminating" || isSame) return;
  state.attempt = 0;
  lookForLeader(turn);
}

/** Gives the link up, if there is one, and opens a new one to the leader after a random delay. */
export function lookForLeader(turn: Turn): void {
  const { state } = turn;
  const linkId = currentLinkId(state.connection);
  if (linkId !== undefined) turn.emit({ kind: "closeLink", linkId });
  pauseRetries(turn);
  state.pingByMs = undefined;
  state.connection = state.leader === undefined ? { kind: "disconnected" } : { kind: "waiting", openAtMs: turn.nowMs + nextDelayMs(state) };
}

/** A random part of a bound that doubles with each attempt. */
function nextDelayMs(state: AgentState): number {
  const doublings = Math.min(state.attempt, agentLimits.backoffDoublingsMax);
  const boundMs = Math.min(state.config.registrationBackoffMs * 2 ** doublings, state.config.registrationBackoffMaxMs);
  state.attempt += 1;
  return Math.floor(state.prng.nextFloat() * boundMs);
}

export function linkOpened(turn: Turn, linkId: LinkId): void {
  const { connection } = turn.state;
  if (connection.kind !== "opening" || connection.linkId !== linkId) {
    turn.emit({ kind: "closeLink", linkId });
    return;
  }
  // The registration does not list those executors, so the master learns of their end by that. What ends until the answer comes is told
  // after it, also if the registration is repeated without it: the master may have taken the first one.
  turn.state.unsentExits.length = 0;
  register(turn, linkId);
}

export function linkClosed(turn: Turn, linkId: LinkId, reason: string): void {
  const { state } = turn;
  if (currentLinkId(state.connection) !== linkId) return;
  log(turn, "info", "the link to the master closed", { linkId, reason });
  if (state.connection.kind === "terminating") {
    state.connection.linkId = undefined;
    return;
  }
  state.connection = { kind: "disconnected" };
  lookForLeader(turn);
}

/** Asks the master to admit the agent, with everything that it holds if it has an id, and arms the retry. */
export function register(turn: Turn, linkId: LinkId): void {
  const { state } = turn;
  pauseRetries(turn);
  state.connection = { kind: "registering", linkId, retryAtMs: turn.nowMs + nextDelayMs(state) };
  repeatDepartures(turn);
  if (state.agentId === undefined) {
    sendToMaster(turn, { kind: "register", credential: state.credential, holdings: holdings(state) });
    return;
  }
  const tasks: ReportedTask[] = [];
  for (const task of state.tasks.values()) {
    const reported = toReportedTask(state, task);
    if (reported !== undefined) tasks.push(reported);
  }
  const frameworks = [...state.frameworks.values()].map((framework) => framework.info);
  const executors = [...state.executors.values()].map((executor) => executor.toRun.info);
  const { agentId, credential } = state;
  sendToMaster(turn, { kind: "reregister", agentId, credential, frameworks, executors, tasks, holdings: holdings(state) });
}

function holdings({ durableTotal, resourceVersion, operations }: AgentState): Holdings {
  return { created: createdByOperations(durableTotal), resourceVersion, operations: durableOperations(operations.values()) };
}

function toReportedTask(state: AgentState, task: Task): ReportedTask | undefined {
  if (task.toRun === undefined || state.frameworks.get(task.frameworkId) === undefined) return undefined;
  const awaited = awaitedUpdate(task);
  return {
    frameworkId: task.frameworkId,
    taskId: task.taskId,
    executorId: task.executorId,
    name: task.toRun.info.name,
    resources: task.toRun.info.resources,
    state: task.durableState,
    statusUpdateState: awaited?.state,
    statusUpdateUuid: awaited?.uuid,
    checked: task.durableChecked,
    limits: task.toRun.info.limits,
  };
}

/** Every ping is answered; one that says that the master has lost sight of us makes a running agent register again. */
export function pinged(turn: Turn, number: number, connected: boolean): void {
  const { state } = turn;
  sendToMaster(turn, { kind: "pong", number });
  if (state.connection.kind === "terminating") return;
  state.pingByMs = turn.nowMs + state.pingTimeoutMs;
  if (!connected && state.connection.kind === "running") register(turn, state.connection.linkId);
}

/** Does what time has come for: open the link, register again, give a silent link up. */
export function connectionTick(turn: Turn): void {
  const { state } = turn;
  if (state.pingByMs !== undefined && state.pingByMs <= turn.nowMs) {
    log(turn, "warn", "no ping from the master", { timeoutMs: state.pingTimeoutMs });
    lookForLeader(turn);
    return;
  }
  const { connection } = state;
  if (connection.kind === "waiting" && connection.openAtMs <= turn.nowMs) openLink(turn);
  else if (connection.kind === "registering" && connection.retryAtMs <= turn.nowMs) register(turn, connection.linkId);
}

function openLink(turn: Turn): void {
  const { state } = turn;
  if (state.leader === undefined) return;
  state.lastLinkNumber += 1;
  const linkId = LinkId(`link-${state.lastLinkNumber}`);
  state.connection = { kind: "opening", linkId };
  // A link that hangs while it opens or registers is given up like one that falls silent later.
  state.pingByMs = turn.nowMs + state.pingTimeoutMs;
  turn.emit({ kind: "openLink", linkId, leader: state.leader });
}

/** When `connectionTick` is due. */
export function connectionDeadlineMs(state: AgentState): number | undefined {
  const { connection, pingByMs } = state;
  const ownMs = connection.kind === "waiting" ? connection.openAtMs : connection.kind === "registering" ? connection.retryAtMs : undefined;
  if (ownMs === undefined || pingByMs === undefined) return ownMs ?? pingByMs;
  return Math.min(ownMs, pingByMs);
}
