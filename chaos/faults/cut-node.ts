/** Cuts the network between a node and everybody: nothing passes and nothing is closed, until it is healed. */

import type { Capability, NodeStatus } from "../../harness/cluster.ts";
import type { Fault } from "../../harness/nemesis.ts";
import { runningNodes } from "./node-fault.ts";

function cutNode(name: string, kind: NodeStatus["kind"], needs: readonly Capability[]): Fault {
  return {
    name,
    needs,
    targets: (cluster) => runningNodes(cluster, kind),
    inject: ({ cluster, target }) => cluster.cut(target),
    heal: ({ cluster, target }) => cluster.heal(target),
    hasBitten: ({ cluster, target }) => cluster.cutEvidence(target),
    hasHealed: ({ cluster, target }) => (cluster.cutEvidence(target) === undefined ? "the link carries traffic again" : undefined),
  };
}

/** Between an agent and its masters. */
export const cutAgent = cutNode("cut-agent", "agent", ["cut-link"]);

/** Between a master and its agents, its schedulers and the election. */
export const cutMaster = cutNode("cut-master", "master", ["cut-master"]);
