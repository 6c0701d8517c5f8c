/** A scheduler driver with all that it hears at hand, for tests. */

import { SchedulerDriver, type SchedulerDriverOptions } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";

/** A driver that comes back quickly and notes what it hears. */
export function driverFor(masters: readonly string[], more: Partial<SchedulerDriverOptions> = {}) {
  const heard: SchedulerEvent[] = [];
  const losses: string[] = [];
  const driver = new SchedulerDriver({
    masters,
    framework: { user: "root", name: "f" },
    reconnectMinMs: 2,
    reconnectMaxMs: 20,
    onDisconnected: (reason) => losses.push(reason),
    ...more,
    onEvent: async (event, own) => {
      heard.push(event);
      await more.onEvent?.(event, own);
    },
  });
  return { driver, heard, losses, kinds: () => heard.map(({ kind }) => kind) };
}

export const stopAtHeartbeat: Partial<SchedulerDriverOptions> = {
  onEvent: (event, driver) => {
    if (event.kind === "heartbeat") driver.stop();
  },
};
