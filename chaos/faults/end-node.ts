/** Faults that end a node's process by a signal and start it again later on its old work directory. */

import type { NodeSignal, NodeStatus } from "../../harness/cluster.ts";
import type { Fault } from "../../harness/nemesis.ts";
import { exitEvidence, restartTarget, runningAgainEvidence, runningNodes, statusOf } from "./node-fault.ts";

/** A node may take a moment to end by its signal, and must not stay away for the rest of the run when the fault is over before. */
const endMaxMs = 1_000;
const lookEveryMs = 10;

function endNode(name: string, kind: NodeStatus["kind"], signal: NodeSignal): Fault {
  return {
    name,
    needs: ["signal", "restart"],
    targets: (cluster) => runningNodes(cluster, kind),
    inject: ({ cluster, target }) => cluster.signal(target, signal),
    heal: async (context) => {
      const { cluster, target } = context;
      const untilMs = cluster.nowMs() + endMaxMs;
      while (statusOf(cluster, target)?.state === "running" && exitEvidence(context) === undefined && cluster.nowMs() < untilMs)
        await cluster.advance(lookEveryMs);
      await restartTarget(context);
    },
    hasBitten: exitEvidence,
    hasHealed: runningAgainEvidence,
  };
}

/**
 * SIGUSR1: everything underneath is killed, the agent leaves for good; what is started again is a new agent. It takes
 * a moment, in which the agent may be hit by anything else.
 */
export const drainNow: Fault = { ...endNode("drain-now", "agent", "SIGUSR1"), admitsOthers: true };

/** SIGKILL: tasks run on and are adopted by the next process. */
export const killAgent = endNode("kill-agent", "agent", "SIGKILL");

export const killMaster = endNode("kill-master", "master", "SIGKILL");

/** SIGTERM: an orderly end of the process that leaves tasks running. */
export const terminateAgent = endNode("term-agent", "agent", "SIGTERM");

export const terminateMaster = endNode("term-master", "master", "SIGTERM");
