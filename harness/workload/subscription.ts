/** One subscription of a framework of the workload, from its call to the end of its stream. */

import type { SchedulerStream } from "../cluster.ts";

export interface Subscription {
  stream: SchedulerStream | undefined;
  /** Number of the SUBSCRIBE in the history. */
  readonly call: number;
  streamId: string | undefined;
  /** Who answered SUBSCRIBED on it. */
  masterId: string | undefined;
  /** Whether the SUBSCRIBE has its outcome. */
  isSettled: boolean;
  isClosed: boolean;
}
