/** What the faults that stop or end one node have in common: whom they can hit, and how their effect is seen in the history. */

import type { Cluster, NodeStatus } from "../../harness/cluster.ts";
import type { HistoryEvent, NodeName } from "../../harness/history/event.ts";
import type { FaultContext } from "../../harness/nemesis.ts";

/** Nodes of this kind that run now. */
export function runningNodes(cluster: Cluster, kind: NodeStatus["kind"]): readonly NodeName[] {
  return cluster
    .nodes()
    .filter((node) => node.kind === kind && node.state === "running")
    .map((node) => node.node);
}

/** Starts the target again unless something else has done so. */
export async function restartTarget({ cluster, target }: FaultContext): Promise<void> {
  if (statusOf(cluster, target)?.state === "exited") await cluster.restart(target);
}

/** "exited with SIGKILL" once the history shows that the target's process ended after the fault began. */
export function exitEvidence(context: FaultContext): string | undefined {
  const exit = eventsSince(context).find((event) => event.kind === "nodeExited" && event.node === context.target);
  if (exit?.kind !== "nodeExited") return undefined;
  return exit.signal === undefined ? `exited with code ${exit.code}` : `exited with ${exit.signal}`;
}

/** The target runs: an agent is registered again, a master was started again and answers for the cluster. */
export function runningAgainEvidence(context: FaultContext): string | undefined {
  const { cluster, target } = context;
  const status = statusOf(cluster, target);
  if (status?.state !== "running") return undefined;
  if (status.kind === "master") return `runs as incarnation ${status.incarnation}`;
  const registered = eventsSince(context).some(
    (event) => event.kind === "agentRegistered" && event.node === target && event.incarnation === status.incarnation,
  );
  return registered ? `registered as incarnation ${status.incarnation}` : undefined;
}

export function statusOf(cluster: Cluster, node: NodeName): NodeStatus | undefined {
  return cluster.nodes().find((status) => status.node === node);
}

/** Events after the fault began. */
export function eventsSince({ recorder, beganSeq }: FaultContext): readonly HistoryEvent[] {
  return recorder.events.slice(beganSeq + 1);
}
