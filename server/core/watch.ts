/**
 * Notes what may have changed in a step, for the event streams of operators. Whoever changes an agent, a framework or a task says so
 * here; it costs nothing while nobody is subscribed. What is noted too often is not told: see operator/publish-changes.ts.
 */

import type { AgentId, FrameworkId } from "../../common/ids.ts";
import type { TaskStatus } from "../../protos/gen/mesos/v1/mesos.ts";
import type { RegistryOp } from "./registry-op.ts";
import type { MasterState, Task, Watch } from "./state.ts";

export function createWatch(): Watch {
  return {
    streams: new Set(),
    agents: new Map(),
    frameworks: new Map(),
    changed: { agents: new Set(), frameworks: new Set(), tasks: new Map() },
  };
}

export function noteAgent({ watch }: MasterState, agentId: AgentId): void {
  if (watch.streams.size > 0) watch.changed.agents.add(agentId);
}

export function noteAgents({ watch }: MasterState, agentIds: Iterable<AgentId>): void {
  if (watch.streams.size > 0) for (const agentId of agentIds) watch.changed.agents.add(agentId);
}

export function noteFramework({ watch }: MasterState, frameworkId: FrameworkId): void {
  if (watch.streams.size > 0) watch.changed.frameworks.add(frameworkId);
}

export function noteNewTask({ watch }: MasterState, task: Task): void {
  if (watch.streams.size > 0) watch.changed.tasks.set(task, { isNew: true, status: undefined });
}

/** `status`: what its agent said; undefined for what the master does by itself. */
export function noteTask({ watch }: MasterState, task: Task, status?: TaskStatus): void {
  if (watch.streams.size === 0) return;
  const change = watch.changed.tasks.get(task);
  if (change === undefined) watch.changed.tasks.set(task, { isNew: false, status });
  else change.status = status ?? change.status;
}

/** What becomes true with the operation. */
export function noteOp(state: MasterState, op: RegistryOp): void {
  if (state.watch.streams.size === 0) return;
  if ("agentId" in op) noteAgent(state, op.agentId);
  if ("returning" in op) noteAgent(state, op.returning.agentId);
  if ("frameworkId" in op) noteFramework(state, op.frameworkId);
  if ("subscribing" in op) noteFramework(state, op.subscribing.frameworkId);
  // A window decides how each agent of its machine stands.
  if (op.kind === "changeSchedule") noteAgents(state, state.agents.keys());
}
