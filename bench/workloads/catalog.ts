/** All workloads, by name. */

import type { Workload } from "../measurement.ts";
import { churn } from "./churn.ts";
import { drainNow } from "./drain-now.ts";
import { realTasks } from "./real-tasks.ts";
import { simulation } from "./simulation.ts";
import { state } from "./state.ts";

export const workloads: readonly Workload[] = [churn, realTasks, drainNow, simulation, state];
