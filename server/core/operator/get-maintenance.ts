/** GET_MAINTENANCE_SCHEDULE and GET_MAINTENANCE_STATUS. What frameworks answered is shown of agents that are registered. */

import { toTimeInfo } from "../../../common/time-info.ts";
import type { InverseOfferStatus, InverseOfferStatus_Status } from "../../../protos/gen/mesos/v1/allocator/allocator.ts";
import type { ClusterStatus, Schedule } from "../../../protos/gen/mesos/v1/maintenance/maintenance.ts";
import { machineOf } from "../maintenance/agent-machine.ts";
import { machineKey } from "../maintenance/machine.ts";
import type { Agent, InverseAnswer, MasterState } from "../state.ts";
import { toUnavailabilityMessage } from "./unavailability-message.ts";

export function getMaintenanceSchedule({ maintenance }: MasterState): Schedule {
  return {
    windows: maintenance.schedule.map(({ unavailability, machines }) => ({
      machineIds: machines.map(({ id }) => ({ ...id })),
      unavailability: toUnavailabilityMessage(unavailability),
    })),
  };
}

export function getMaintenanceStatus(state: MasterState): ClusterStatus {
  const agents = agentsByMachine(state);
  const status: ClusterStatus = { drainingMachines: [], downMachines: [] };
  for (const [key, { id, mode }] of state.maintenance.machines) {
    if (mode === "down") status.downMachines.push({ ...id });
    else status.drainingMachines.push({ id: { ...id }, statuses: (agents.get(key) ?? []).flatMap((agent) => answersOf(state, agent)) });
  }
  return status;
}

/** The registered agents of each scheduled machine. */
export function agentsByMachine(state: MasterState): Map<string, Agent[]> {
  const agents = new Map<string, Agent[]>();
  if (state.maintenance.machines.size === 0) return agents;
  for (const agent of state.agents.values()) {
    const machine = machineOf(state, agent.description);
    if (machine === undefined) continue;
    const key = machineKey(machine.id);
    const own = agents.get(key);
    if (own === undefined) agents.set(key, [agent]);
    else own.push(agent);
  }
  return agents;
}

function answersOf(state: MasterState, agent: Agent): InverseOfferStatus[] {
  return [...agent.inverseAnswers].flatMap(([frameworkId, answer]) =>
    state.frameworks.has(frameworkId) ? [toAnswerMessage(frameworkId, answer)] : [],
  );
}

/** Numbers of mesos.v1.allocator.InverseOfferStatus.Status. */
const answerStatuses = { accept: 2, decline: 3 } as const satisfies Record<string, InverseOfferStatus_Status>;

export function toAnswerMessage(frameworkId: string, { accepts, wallMs }: InverseAnswer): InverseOfferStatus {
  return {
    status: accepts ? answerStatuses.accept : answerStatuses.decline,
    frameworkId: { value: frameworkId },
    timestamp: toTimeInfo(wallMs),
  };
}
