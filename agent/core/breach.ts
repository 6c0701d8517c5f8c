/** What becomes of a task whose container used more than it may. */

import { writeResources } from "../../common/mesos-resources.ts";
import { toMilli } from "../../common/values.ts";
import type { TaskResourceLimitation } from "../../protos/gen/mesos/v1/mesos.ts";
import { type Breach, bytesPerMegabyte } from "./container-limits.ts";
import type { NewStatus } from "./new-status.ts";

const words = {
  mem: { reason: "REASON_CONTAINER_LIMITATION_MEMORY", of: "memory" },
  disk: { reason: "REASON_CONTAINER_LIMITATION_DISK", of: "its sandbox" },
} as const satisfies Record<Breach["resource"], unknown>;

/** Source: the reference, where the agent ends the container and says so itself. */
export function breached(breach: Breach): NewStatus {
  const { reason, of } = words[breach.resource];
  const message = `killed because it used ${inMegabytes(breach.usedBytes)} MB of ${of}, and may use ${inMegabytes(breach.limitBytes)} MB`;
  return { state: "TASK_FAILED", source: "SOURCE_AGENT", reason, message, breach };
}

/** What was used, as a resource. */
export function limitationOf({ resource, usedBytes }: Breach): TaskResourceLimitation {
  const value = { kind: "scalar", milli: toMilli(inMegabytes(usedBytes)) } as const;
  return { resources: writeResources([{ name: resource, value, reservations: [] }], "stack") };
}

/** To a tenth. */
function inMegabytes(bytes: number): number {
  return Math.round((bytes / bytesPerMegabyte) * 10) / 10;
}
