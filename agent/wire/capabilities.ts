/** What an agent says that it can, so that a master asks nothing else of it. */

import { AgentInfo_Capability_Type as Type } from "../../protos/gen/mesos/v1/mesos.ts";

/** Of every agent of this version. Resource providers are not built. */
const capabilities: readonly Type[] = [
  Type.MULTI_ROLE,
  Type.HIERARCHICAL_ROLE,
  Type.RESERVATION_REFINEMENT,
  Type.RESIZE_VOLUME,
  Type.AGENT_OPERATION_FEEDBACK,
  Type.AGENT_DRAINING,
];

/** `limitsTasks`: whether it keeps tasks within the limits of their processors and their memory. */
export function agentCapabilities({ limitsTasks }: { readonly limitsTasks: boolean }): readonly Type[] {
  return limitsTasks ? [...capabilities, Type.TASK_RESOURCE_LIMITS] : capabilities;
}
