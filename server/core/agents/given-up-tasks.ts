/**
 * What frameworks were told is lost must end when its agent is back, whoever leads then. That the agent was away, or that its tasks were
 * given up, is on record until it is let back in; so it is told to end them before that is written, and let in when it has answered a
 * ping that followed the orders on the same link. A leader that dies at any moment of this leaves the record as it was.
 */

import type { FrameworkId } from "../../../common/ids.ts";
import { isTerminal } from "../../../common/task-state.ts";
import type { AgentToMaster, MasterToAgent } from "../agent-message.ts";
import type { FrameworkDescription } from "../calls/call.ts";
import type { Link, MasterState } from "../state.ts";
import type { Turn } from "../turn.ts";

type Reregister = Extract<AgentToMaster, { kind: "reregister" }>;

/** No ping of a registered agent has this number. */
const endingPingNumber = 0;

/** Whether the agent has to answer before it may come back; `endingHeard` says that it has. */
export function awaitsEnding(turn: Turn, link: Link, message: Reregister): boolean {
  if (link.ending !== undefined) {
    link.ending.message = message;
    return !link.ending.isHeard;
  }
  const orders = endingOrders(turn.state, message);
  if (orders.length === 0) return false;
  link.ending = { message, orders, isHeard: false };
  const { linkId } = link;
  for (const order of orders) turn.emit({ kind: "sendToAgent", linkId, message: order });
  turn.emit({ kind: "sendToAgent", linkId, message: { kind: "ping", number: endingPingNumber, connected: true } });
  return true;
}

/** The last registration that the agent tried, once it has heard what it has to end. */
export function endingHeard(link: Link, number: number): Reregister | undefined {
  if (link.ending === undefined || link.ending.isHeard || number !== endingPingNumber) return undefined;
  link.ending.isHeard = true;
  return link.ending.message;
}

/** What the agent was not told yet. */
export function untoldOrders({ ending }: Link, orders: readonly MasterToAgent[]): readonly MasterToAgent[] {
  if (ending === undefined) return orders;
  const told = new Set(ending.orders.map((order) => JSON.stringify(order)));
  return orders.filter((order) => !told.has(JSON.stringify(order)));
}

function endingOrders(state: MasterState, { agentId, frameworks, tasks, executors = [] }: Reregister): MasterToAgent[] {
  const isUnreachable = state.unreachableAgents.has(agentId);
  const isAbandoned = state.abandonedAgents.has(agentId);
  if (!isUnreachable && !isAbandoned) return [];
  const told = new Map(frameworks.map(({ frameworkId, framework }) => [frameworkId, framework]));
  const find = (frameworkId: FrameworkId): FrameworkDescription | undefined =>
    state.frameworks.get(frameworkId)?.description ?? told.get(frameworkId);
  const isLost = (frameworkId: FrameworkId): boolean => {
    const framework = find(frameworkId);
    return framework !== undefined && wasGivenUp(framework, { isUnreachable, isAbandoned });
  };
  return [
    ...tasks
      .filter(({ frameworkId, state: taskState }) => !isTerminal(taskState) && isLost(frameworkId))
      .map(({ frameworkId, taskId }): MasterToAgent => ({ kind: "killTask", frameworkId, taskId, graceMs: undefined })),
    ...executors
      .filter(({ frameworkId }) => isAbandoned && find(frameworkId)?.info.checkpoint !== true)
      .map(({ frameworkId, executorId }): MasterToAgent => ({ kind: "shutdownExecutor", frameworkId, executorId })),
  ];
}

/** Whether the tasks of a framework on an agent were announced as lost for good: it would not expect them back. */
export function wasGivenUp(
  { partitionAware, info }: FrameworkDescription,
  { isUnreachable, isAbandoned }: { readonly isUnreachable: boolean; readonly isAbandoned: boolean },
): boolean {
  if (isUnreachable && !partitionAware) return true;
  return isAbandoned && info.checkpoint !== true;
}
