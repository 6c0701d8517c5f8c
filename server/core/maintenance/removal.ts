/**
 * Agents that have to go with their machine: it is DOWN, or what they hold outlived the grace that the start of its window gave. One that
 * is connected is told to end, and says itself what is dead; the tasks of all others are given up at once.
 */

import type { AgentId } from "../../../common/ids.ts";
import { isTerminal } from "../../../common/task-state.ts";
import { boundDeparture } from "../agents/departure.ts";
import { proposeGone } from "../agents/gone.ts";
import { knownAgent } from "../agents/identity.ts";
import { propose } from "../registrar.ts";
import type { Agent, MasterState } from "../state.ts";
import { log, type Turn } from "../turn.ts";
import { downReason, machineOf } from "./agent-machine.ts";
import { removalWallMs } from "./deadline.ts";
import { describeMachine } from "./machine.ts";

/** How long an agent that was told to end may take to say what is dead: it kills everything in a fraction of a second. */
const orderedDepartureMs = 5_000;

/** Looks at the agents that came or changed in this step, and at those whose machine did. */
export function checkMachines(turn: Turn): void {
  const { checks } = turn.state.maintenance;
  if (checks.size === 0) return;
  for (const agentId of checks) checkAgent(turn, agentId);
  checks.clear();
}

function checkAgent(turn: Turn, agentId: AgentId): void {
  const { state, wallMs } = turn;
  const description = knownAgent(state, agentId);
  const machine = description && machineOf(state, description);
  if (machine === undefined) return;
  const agent = state.agents.get(agentId);
  // One that was leaving already has no longer than one that is told to.
  if (machine.mode === "down" && agent !== undefined) boundDeparture(turn, agent, turn.nowMs + orderedDepartureMs);
  // What is being written about the agent decides first; then it is looked at again.
  if (state.agentChanges.has(agentId)) return;
  if (machine.mode === "down") removeAgent(turn, agentId, downReason(machine));
  else if (machine.revocation !== undefined && removalWallMs(machine.revocation) <= wallMs && holdsTasks(state, agentId)) {
    removeAgent(turn, agentId, `machine ${describeMachine(machine.id)} is in maintenance, and the time to leave it is over`);
  }
}

/** Whether a framework waits for the end of something there. Of an agent that is not back since a failover nobody knows. */
function holdsTasks(state: MasterState, agentId: AgentId): boolean {
  const agent = state.agents.get(agentId);
  if (agent !== undefined) return agent.executors.size > 0 || [...agent.tasks].some((task) => !isTerminal(task.state));
  if (state.recoveredAgents.has(agentId)) return false;
  return [...state.frameworks.values()].some(({ unreachableTasks }) =>
    [...unreachableTasks.values()].some((task) => task.agentId === agentId && !isTerminal(task.state)),
  );
}

function removeAgent(turn: Turn, agentId: AgentId, reason: string): void {
  const { state } = turn;
  log(turn, "agent has to go with its machine", { agentId, reason });
  const agent = state.agents.get(agentId);
  if (agent !== undefined) {
    removeRegistered(turn, agent, reason);
    return;
  }
  const description = knownAgent(state, agentId);
  if (description !== undefined) proposeGone(turn, { agentId, agent: description, callId: undefined });
}

function removeRegistered(turn: Turn, agent: Agent, reason: string): void {
  const { agentId, linkId, description } = agent;
  turn.state.agentChanges.set(agentId, "removing");
  if (linkId === undefined) {
    const alive = [...agent.tasks].map(({ frameworkId, taskId }) => ({ frameworkId, taskId }));
    propose(turn, { kind: "removeAgent", agentId, agent: description, atWallMs: turn.wallMs, linkId, alive });
    return;
  }
  agent.departure = { dueAtMs: turn.nowMs + orderedDepartureMs, isRetired: false, farewell: undefined };
  turn.emit({ kind: "sendToAgent", linkId, message: { kind: "refuse", reason } });
  propose(turn, { kind: "retireAgent", agentId, agent: description, atWallMs: turn.wallMs });
}
