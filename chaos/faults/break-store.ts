/** Disks that fail: writes that wait, as on a machine that swaps or a volume that is gone, and writes that fail, as on a full one. */

import { assertDefined } from "../../common/assert.ts";
import type { InnerFaults } from "../../harness/cluster.ts";
import type { Fault, FaultContext } from "../../harness/nemesis.ts";
import { restartTarget, statusOf } from "./node-fault.ts";

function breakStore(name: string, how: "stall" | "fail"): Fault {
  return {
    name,
    needs: ["inner-faults"],
    targets: (cluster) => cluster.inner?.stores ?? [],
    inject: (context) => Promise.resolve(innerOf(context).breakStore(context.target, how)),
    heal: async (context) => {
      innerOf(context).mendStore(context.target);
      // An agent that could not write has ended. Masters start again by themselves.
      if (statusOf(context.cluster, context.target) !== undefined) await restartTarget(context);
    },
    hasBitten: (context) => innerOf(context).storeEvidence(context.target),
    hasHealed: (context) => (innerOf(context).storeEvidence(context.target) === undefined ? "nothing waits or fails" : undefined),
  };
}

function innerOf({ cluster }: FaultContext): InnerFaults {
  return assertDefined(cluster.inner, "the cluster's way into its nodes");
}

export const storeStall = breakStore("store-stall", "stall");

export const storeFail = breakStore("store-fail", "fail");
