/** Faults that stop a node's process with its connections open, as a long garbage collection or a frozen machine does. */

import type { NodeStatus } from "../../harness/cluster.ts";
import type { Fault } from "../../harness/nemesis.ts";
import { runningNodes, statusOf } from "./node-fault.ts";

function pauseNode(name: string, kind: NodeStatus["kind"]): Fault {
  return {
    name,
    needs: ["pause"],
    targets: (cluster) => runningNodes(cluster, kind),
    inject: ({ cluster, target }) => cluster.pause(target),
    heal: async ({ cluster, target }) => {
      if (statusOf(cluster, target)?.state === "paused") await cluster.resume(target);
    },
    hasBitten: ({ cluster, target }) => (statusOf(cluster, target)?.state === "paused" ? "the process is stopped" : undefined),
    hasHealed: ({ cluster, target }) => (statusOf(cluster, target)?.state === "running" ? "the process runs" : undefined),
  };
}

export const pauseAgent = pauseNode("pause-agent", "agent");

export const pauseMaster = pauseNode("pause-master", "master");
