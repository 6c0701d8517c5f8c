/** SIGKILL between two effects of one step: after a message was sent and before a container was started, for instance. */

import type { NodeStatus } from "../../harness/cluster.ts";
import type { Fault } from "../../harness/nemesis.ts";
import { exitEvidence, restartTarget, runningAgainEvidence, runningNodes } from "./node-fault.ts";

function killMidStep(name: string, kind: NodeStatus["kind"]): Fault {
  return {
    name,
    needs: ["inner-faults", "restart"],
    targets: (cluster) => runningNodes(cluster, kind),
    inject: ({ cluster, target }) => Promise.resolve(cluster.inner?.killMidStep(target)),
    heal: async (context) => {
      context.cluster.inner?.spare(context.target);
      await restartTarget(context);
    },
    hasBitten: exitEvidence,
    // A node that had nothing to do was not killed, and runs as it did.
    hasHealed: (context) => (exitEvidence(context) === undefined ? "the node was spared" : runningAgainEvidence(context)),
  };
}

export const killAgentMidStep = killMidStep("kill-agent-mid-step", "agent");

export const killMasterMidStep = killMidStep("kill-master-mid-step", "master");
