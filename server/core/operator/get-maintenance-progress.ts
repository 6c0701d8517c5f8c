/** What Mesos's status has no field for: how far each scheduled machine is, until when, and who still has what on it. */

import type { FrameworkId } from "../../../common/ids.ts";
import { isTerminal } from "../../../common/task-state.ts";
import { toTimeInfo } from "../../../common/time-info.ts";
import type { MachineInfo_Mode } from "../../../protos/gen/mesos/v1/mesos.ts";
import type {
  AgentProgress,
  FrameworkProgress,
  MachineProgress,
  MaintenancePhase,
  MaintenanceProgress,
} from "../../../protos/gen/tepui/v1/maintenance.ts";
import { machineOf } from "../maintenance/agent-machine.ts";
import { removalWallMs } from "../maintenance/deadline.ts";
import { machineKey } from "../maintenance/machine.ts";
import { type Machine, type ScheduledMachine, startWallMs } from "../maintenance/schedule.ts";
import type { Agent, MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";
import { agentsByMachine, toAnswerMessage } from "./get-maintenance.ts";
import { toUnavailabilityMessage } from "./unavailability-message.ts";

export function getMaintenanceProgress(turn: Turn): MaintenanceProgress {
  const agents = agentsByMachine(turn.state);
  const awaited = awaitedByMachine(turn.state);
  const machines = [...turn.state.maintenance.machines].map(([key, machine]) => {
    const registered = (agents.get(key) ?? []).map((agent) => toAgentProgress(turn.state, agent));
    return toMachineProgress(turn, machine, [...registered, ...(awaited.get(key) ?? [])]);
  });
  return { machines };
}

/** What is on agents that have not come back since the failover is not known yet; it would be wrong to say that it is nothing. */
function awaitedByMachine(state: MasterState): Map<string, AgentProgress[]> {
  const awaited = new Map<string, AgentProgress[]>();
  if (state.maintenance.machines.size === 0) return awaited;
  for (const [agentId, description] of state.recoveredAgents) {
    const machine = machineOf(state, description);
    if (machine === undefined) continue;
    const key = machineKey(machine.id);
    const agent: AgentProgress = { agentId: { value: agentId }, connected: false, frameworks: [], awaited: true };
    awaited.set(key, [...(awaited.get(key) ?? []), agent]);
  }
  return awaited;
}

/** Numbers of mesos.v1.MachineInfo.Mode and tepui.v1.MaintenancePhase. */
const modes = { draining: 2, down: 3 } as const satisfies Record<Machine["mode"], MachineInfo_Mode>;
const phases = { asking: 1, begun: 2, emptying: 3, empty: 4, down: 5, over: 6 } as const satisfies Record<string, MaintenancePhase>;

function toMachineProgress({ wallMs }: Turn, machine: ScheduledMachine, agents: AgentProgress[]): MachineProgress {
  const { id, mode, unavailability, revocation } = machine;
  return {
    id: { ...id },
    mode: modes[mode],
    unavailability: toUnavailabilityMessage(unavailability),
    phase: phases[phaseOf(machine, { wallMs, isHeld: agents.some(isHeld) })],
    removalTime: revocation && toTimeInfo(removalWallMs(revocation)),
    agents,
  };
}

function phaseOf(machine: ScheduledMachine, { wallMs, isHeld: held }: { wallMs: number; isHeld: boolean }): keyof typeof phases {
  const { mode, unavailability, revocation } = machine;
  const startMs = startWallMs(unavailability);
  if (unavailability.durationNs !== undefined && startMs + Number(unavailability.durationNs) / 1e6 <= wallMs) return "over";
  if (mode === "down") return "down";
  if (revocation === undefined && startMs > wallMs) return "asking";
  if (!held) return "empty";
  return revocation === undefined ? "begun" : "emptying";
}

function isHeld({ frameworks, awaited }: AgentProgress): boolean {
  return awaited === true || frameworks.some(({ taskCount = 0, executorCount = 0 }) => taskCount + executorCount > 0);
}

interface Counts {
  taskCount: number;
  executorCount: number;
  offerCount: number;
}

function toAgentProgress(state: MasterState, agent: Agent): AgentProgress {
  const counts = new Map<FrameworkId, Counts>();
  const count = (frameworkId: FrameworkId, name: keyof Counts, more = 1): void => {
    const own = counts.get(frameworkId) ?? { taskCount: 0, executorCount: 0, offerCount: 0 };
    own[name] += more;
    counts.set(frameworkId, own);
  };
  for (const task of agent.tasks) if (!isTerminal(task.state)) count(task.frameworkId, "taskCount");
  for (const executor of agent.executors.values()) count(executor.frameworkId, "executorCount");
  for (const offer of agent.offers) count(offer.framework.frameworkId, "offerCount");
  for (const frameworkId of agent.inverseAnswers.keys()) if (state.frameworks.has(frameworkId)) count(frameworkId, "offerCount", 0);
  return {
    agentId: { value: agent.agentId },
    connected: agent.linkId !== undefined,
    awaited: false,
    frameworks: [...counts].map(([frameworkId, own]) => toFrameworkProgress(state, agent, { frameworkId, ...own })),
  };
}

function toFrameworkProgress(
  state: MasterState,
  agent: Agent,
  { frameworkId, ...counts }: Counts & { readonly frameworkId: FrameworkId },
): FrameworkProgress {
  const answer = agent.inverseAnswers.get(frameworkId);
  return {
    frameworkId: { value: frameworkId },
    name: state.frameworks.get(frameworkId)?.description.name ?? "",
    ...counts,
    asked: agent.inverseOffers.has(frameworkId),
    answer: answer && toAnswerMessage(frameworkId, answer),
  };
}
