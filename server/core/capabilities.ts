/** Capabilities of frameworks that the master asks for, by the numbers of FrameworkInfo.Capability.Type. */

import type { FrameworkInfo_Capability_Type as CapabilityType } from "../../protos/gen/mesos/v1/mesos.ts";
import type { FrameworkDescription } from "./calls/call.ts";

const numbers = {
  revocableResources: 1,
  gpuResources: 3,
  sharedResources: 4,
  reservationRefinement: 7,
  regionAware: 8,
} as const satisfies Record<string, CapabilityType>;

export function hasCapability({ info }: FrameworkDescription, capability: keyof typeof numbers): boolean {
  const number = numbers[capability];
  return info.capabilities.some(({ type }) => type === number);
}
