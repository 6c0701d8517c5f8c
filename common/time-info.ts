/** An instant as mesos.v1 writes it. */

import type { TimeInfo } from "../protos/gen/mesos/v1/mesos.ts";

/** `wallMs`: Unix time. */
export function toTimeInfo(wallMs: number): TimeInfo {
  return { nanoseconds: BigInt(Math.round(wallMs)) * 1_000_000n };
}
