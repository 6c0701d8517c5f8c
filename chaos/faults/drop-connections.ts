/** Drops every connection once: scheduler streams and agent links end, and everybody may come back at once. */

import type { Fault } from "../../harness/nemesis.ts";
import { eventsSince } from "./node-fault.ts";

export const dropConnections: Fault = {
  name: "drop-connections",
  needs: ["drop-connections"],
  targets: () => ["connections"],
  inject: ({ cluster }) => cluster.dropConnections(),
  // Nothing is left to take back: new connections are served from the start.
  heal: () => Promise.resolve(),
  hasBitten: (context) => {
    const closed = eventsSince(context).filter((event) => event.kind === "streamClosed").length;
    return closed === 0 ? undefined : `${closed} scheduler streams closed`;
  },
  hasHealed: () => "new connections are served",
};
