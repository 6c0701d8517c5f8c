/** Makes simulated clusters; a bug that is planted in this process says in the history when it acts. */

import type { ClusterOptions } from "../harness/cluster.ts";
import type { RunOptions } from "../harness/options.ts";
import { SimCluster } from "../harness/sim-cluster.ts";
import { recordMarkers } from "./mutants/marker.ts";

export function simulatedCluster(options: ClusterOptions, run: RunOptions): SimCluster {
  recordMarkers(options.recorder);
  return new SimCluster(options, run.sim);
}
