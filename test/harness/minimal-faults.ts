/** The smallest faults that break a cluster, for tests of the harness itself; the real ones, with true probes, are in chaos/faults. */

import type { Cluster, NodeStatus } from "../../harness/cluster.ts";
import type { Fault, FaultContext } from "../../harness/nemesis.ts";

const running = (cluster: Cluster, kind: NodeStatus["kind"]): string[] =>
  cluster
    .nodes()
    .filter((node) => node.kind === kind && node.state === "running")
    .map(({ node }) => node);

const isRunning = ({ cluster, target }: FaultContext): boolean =>
  cluster.nodes().some(({ node, state }) => node === target && state === "running");

const evidenceIf = (condition: boolean, evidence: string): string | undefined => (condition ? evidence : undefined);

function nodeFault(name: string, kind: NodeStatus["kind"], needs: Fault["needs"], { inject, heal }: Pick<Fault, "inject" | "heal">): Fault {
  return {
    name,
    needs,
    targets: (cluster) => running(cluster, kind),
    inject,
    heal,
    hasBitten: (context) => evidenceIf(!isRunning(context), "the node does not run"),
    hasHealed: (context) => evidenceIf(isRunning(context), "the node runs"),
  };
}

const restart: Fault["heal"] = ({ cluster, target }) => cluster.restart(target);

function signalFault(name: string, kind: NodeStatus["kind"], signal: "SIGKILL" | "SIGTERM" | "SIGUSR1"): Fault {
  return nodeFault(name, kind, ["signal", "restart"], { inject: ({ cluster, target }) => cluster.signal(target, signal), heal: restart });
}

function pauseFault(name: string, kind: NodeStatus["kind"]): Fault {
  return nodeFault(name, kind, ["pause"], {
    inject: ({ cluster, target }) => cluster.pause(target),
    heal: ({ cluster, target }) => cluster.resume(target),
  });
}

const dropConnections: Fault = {
  name: "drop-connections",
  needs: [],
  targets: () => ["cluster"],
  inject: ({ cluster }) => cluster.dropConnections(),
  heal: () => Promise.resolve(),
  hasBitten: () => "connections were dropped",
  hasHealed: () => "nothing stays dropped",
};

const cutAgent: Fault = {
  name: "cut-agent",
  needs: ["cut-link"],
  targets: (cluster) => running(cluster, "agent"),
  inject: ({ cluster, target }) => cluster.cut(target),
  heal: ({ cluster, target }) => cluster.heal(target),
  hasBitten: ({ cluster, target }) => cluster.cutEvidence(target),
  hasHealed: ({ cluster, target }) => evidenceIf(cluster.cutEvidence(target) === undefined, "nothing is held back"),
};

export const minimalFaults: readonly Fault[] = [
  signalFault("drain-now", "agent", "SIGUSR1"),
  signalFault("kill-agent", "agent", "SIGKILL"),
  signalFault("kill-master", "master", "SIGKILL"),
  signalFault("term-agent", "agent", "SIGTERM"),
  signalFault("term-master", "master", "SIGTERM"),
  pauseFault("pause-agent", "agent"),
  pauseFault("pause-master", "master"),
  cutAgent,
  dropConnections,
];

export const minimalFaultNames = minimalFaults.map(({ name }) => name);
