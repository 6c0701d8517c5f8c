/** The master's answers to a registration. */

import type { AgentId, LinkId } from "../../common/ids.ts";
import { agentKey, record } from "./checkpoint.ts";
import { tellUnsentExits } from "./executors.ts";
import type { MasterToAgent } from "./master-message.ts";
import { resendOperations } from "./operation-updates.ts";
import { reconcileOperations } from "./operations.ts";
import { resendHeads } from "./status-updates.ts";
import { reconcileTasks } from "./tasks.ts";
import { announceDeparture, startTerminating } from "./termination.ts";
import { log, type Turn } from "./turn.ts";

/** Exit code of an agent that the master refused. */
export const refusedExitCode = 3;

type Message<Kind extends MasterToAgent["kind"]> = Extract<MasterToAgent, { readonly kind: Kind }>;

/** A new agent has an id. It counts as running, takes tasks and says that it is registered once the id is durable. */
export function registered(turn: Turn, { agentId, pingTimeoutMs }: Message<"registered">): void {
  const { state } = turn;
  if (state.connection.kind === "terminating") {
    // The agent was admitted while it was leaving: say so, or the master would wait for it.
    announceDeparture(turn, { agentId });
    return;
  }
  if (state.connection.kind !== "registering" || !isExpectedId(turn, agentId)) return;
  if (state.isAgentIdDurable) log(turn, "info", "registered", { agentId });
  if (state.agentId === undefined) {
    state.agentId = agentId;
    record(turn, agentKey, { kind: "agentIdRecorded" });
  }
  accepted(turn, state.connection.linkId, pingTimeoutMs);
}

/** A returning agent is admitted again. An answer that comes twice only reconciles twice. */
export function reregistered(
  turn: Turn,
  { agentId, pingTimeoutMs, reconcile, reconcileOperations: operations }: Message<"reregistered">,
): void {
  const { state } = turn;
  const { connection } = state;
  if (connection.kind !== "registering" && connection.kind !== "running") return;
  if (!isExpectedId(turn, agentId)) return;
  if (connection.kind === "registering") {
    if (state.isAgentIdDurable) log(turn, "info", "registered again", { agentId, reconcile: reconcile.length });
    accepted(turn, connection.linkId, pingTimeoutMs);
  }
  reconcileTasks(turn, reconcile);
  reconcileOperations(turn, operations);
}

function isExpectedId(turn: Turn, agentId: AgentId): boolean {
  const own = turn.state.agentId;
  if (own === undefined || own === agentId) return true;
  log(turn, "warn", "ignored a registration under another id", { agentId, own });
  return false;
}

function accepted(turn: Turn, linkId: LinkId, pingTimeoutMs: number): void {
  const { state } = turn;
  state.pingTimeoutMs = pingTimeoutMs;
  state.pingByMs = turn.nowMs + pingTimeoutMs;
  state.attempt = 0;
  if (state.isAgentIdDurable) startRunning(turn, linkId);
  else state.connection = { kind: "accepting", linkId, deferred: [] };
}

/** From now on the agent takes tasks and forwards updates; what waits for an acknowledgement is sent again at once. */
export function startRunning(turn: Turn, linkId: LinkId): void {
  turn.state.connection = { kind: "running", linkId };
  tellUnsentExits(turn);
  resendHeads(turn, turn.state.tasks.values());
  resendOperations(turn, turn.state.operations.values());
}

/**
 * The master will never admit this agent: its id is gone, or it is not acceptable. Everything ends, the id is retired,
 * and the master hears of it.
 */
export function refused(turn: Turn, reason: string): void {
  log(turn, "warn", "the master refused the agent", { reason });
  startTerminating(turn, { exitCode: refusedExitCode, reason: `the master refused the agent: ${reason}`, announce: true });
}
