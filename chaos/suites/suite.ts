/** A suite: a named plan for a run on any kind of cluster. The seed decides what the plan leaves open. */

import type { Tier } from "../../harness/cluster.ts";
import type { RunPlan } from "../../harness/run.ts";

export interface Suite {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  plan(seed: number, tier: Tier): RunPlan;
}
