/** Cuts the network between an agent and its masters: nothing passes and nothing is closed, until it is healed. */

import type { Fault } from "../../harness/nemesis.ts";
import { runningNodes } from "./node-fault.ts";

export const cutAgent: Fault = {
  name: "cut-agent",
  needs: ["cut-link"],
  targets: (cluster) => runningNodes(cluster, "agent"),
  inject: ({ cluster, target }) => cluster.cut(target),
  heal: ({ cluster, target }) => cluster.heal(target),
  hasBitten: ({ cluster, target }) => cluster.cutEvidence(target),
  hasHealed: ({ cluster, target }) => (cluster.cutEvidence(target) === undefined ? "the link carries traffic again" : undefined),
};
