/** Reads what the leader says of itself (mesos.v1.master.Response.GetState) into the history's form. */

import type { Response_GetAgents, Response_GetState } from "../../protos/gen/mesos/v1/master/master.ts";
import { DrainState, ExecutorInfo_Type, TaskState } from "../../protos/gen/mesos/v1/mesos.ts";
import type { AgentSnapshot, LeaderSnapshot } from "./event.ts";
import { toResourceJson } from "./resource-json.ts";

const stateNames: ReadonlyMap<number, string> = new Map(Object.entries(TaskState).map(([name, number]) => [number, name]));

/** Who answered; the state itself does not say. */
export interface SnapshotOrigin {
  readonly masterId: string;
  readonly term: number;
  readonly registryVersion: number;
}

export function toLeaderSnapshot(state: Response_GetState, origin: SnapshotOrigin): LeaderSnapshot {
  const frameworks = state.getFrameworks?.frameworks ?? [];
  return {
    ...origin,
    agents: state.getAgents === undefined ? [] : toAgentSnapshots(state.getAgents),
    recoveredAgentIds: (state.getAgents?.recoveredAgents ?? []).map((agent) => agent.id?.value ?? ""),
    offers: frameworks.flatMap((framework) =>
      framework.offers.map((offer) => ({
        offerId: offer.id?.value ?? "",
        frameworkId: offer.frameworkId?.value ?? "",
        agentId: offer.agentId?.value ?? "",
        resources: offer.resources.map(toResourceJson),
      })),
    ),
    tasks: (state.getTasks?.tasks ?? []).map((task) => ({
      ...toTaskJson(task),
      ...(task.executorId === undefined ? {} : { executorId: task.executorId.value }),
      resources: task.resources.map(toResourceJson),
    })),
    executors: (state.getExecutors?.executors ?? []).map(({ agentId, executorInfo }) => ({
      executorId: executorInfo?.executorId?.value ?? "",
      frameworkId: executorInfo?.frameworkId?.value ?? "",
      agentId: agentId?.value ?? "",
      isDefault: executorInfo?.type === ExecutorInfo_Type.DEFAULT,
      resources: (executorInfo?.resources ?? []).map(toResourceJson),
    })),
    unreachableTasks: (state.getTasks?.unreachableTasks ?? []).map(toTaskJson),
    frameworks: frameworks.map((framework) => ({
      frameworkId: framework.frameworkInfo?.id?.value ?? "",
      active: framework.active,
      connected: framework.connected,
      roles: framework.frameworkInfo?.roles ?? [],
    })),
  };
}

/** The agents that are registered. */
export function toAgentSnapshots({ agents }: Response_GetAgents): AgentSnapshot[] {
  return agents.map((agent) => ({
    agentId: agent.agentInfo?.id?.value ?? "",
    hostname: agent.agentInfo?.hostname ?? "",
    active: agent.active,
    deactivated: agent.deactivated ?? false,
    ...(agent.drainInfo === undefined
      ? {}
      : {
          drain: {
            phase: agent.drainInfo.state === DrainState.DRAINED ? "drained" : "draining",
            markGone: agent.drainInfo.config?.markGone ?? false,
          },
        }),
    total: agent.totalResources.map(toResourceJson),
    allocated: agent.allocatedResources.map(toResourceJson),
    offered: agent.offeredResources.map(toResourceJson),
  }));
}

interface TaskLike {
  readonly taskId: { readonly value: string } | undefined;
  readonly frameworkId: { readonly value: string } | undefined;
  readonly agentId: { readonly value: string } | undefined;
  readonly state: number;
}

function toTaskJson(task: TaskLike): { taskId: string; frameworkId: string; agentId: string; state: string } {
  return {
    taskId: task.taskId?.value ?? "",
    frameworkId: task.frameworkId?.value ?? "",
    agentId: task.agentId?.value ?? "",
    state: stateNames.get(task.state) ?? `state ${task.state}`,
  };
}
