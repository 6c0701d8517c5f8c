/** A window as mesos.v1 writes it. */

import type { Unavailability as UnavailabilityMessage } from "../../../protos/gen/mesos/v1/mesos.ts";
import type { Unavailability } from "../maintenance/schedule.ts";

export function toUnavailabilityMessage({ startNs, durationNs }: Unavailability): UnavailabilityMessage {
  return { start: { nanoseconds: startNs }, duration: durationNs === undefined ? undefined : { nanoseconds: durationNs } };
}
