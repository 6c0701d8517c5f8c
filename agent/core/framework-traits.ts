/** What an agent reads of a FrameworkInfo. */

import type { FrameworkInfo, FrameworkInfo_Capability_Type } from "../../protos/gen/mesos/v1/mesos.ts";

const partitionAware: typeof FrameworkInfo_Capability_Type.PARTITION_AWARE = 5;
const taskKillingState: typeof FrameworkInfo_Capability_Type.TASK_KILLING_STATE = 2;

export function isPartitionAware(framework: FrameworkInfo): boolean {
  return framework.capabilities.some((capability) => capability.type === partitionAware);
}

export function wantsKillingState(framework: FrameworkInfo): boolean {
  return framework.capabilities.some((capability) => capability.type === taskKillingState);
}

/** Whether its tasks and executors outlive the agent's process. Otherwise nothing of them is written, and they end with it. */
export function isCheckpointed(framework: FrameworkInfo): boolean {
  return framework.checkpoint === true;
}
