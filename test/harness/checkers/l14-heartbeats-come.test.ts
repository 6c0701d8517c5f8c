/** Heartbeats in time and late. The interval is 1,000 s here. */

import { heartbeatsCome } from "../../../harness/checkers/l14-heartbeats-come.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** Heartbeats with these waits before them. */
function beating(...waitsMs: readonly number[]): HistoryBuilder {
  const history = cluster();
  for (const waitMs of waitsMs) history.wait(waitMs).event("f1", { kind: "heartbeat" });
  return history;
}

describeChecker(heartbeatsCome, {
  good: {
    "one per interval": () => beating(1_000_000, 1_000_000),
    "a gap while the master is paused": () => cluster().event("f1", { kind: "heartbeat" }).fault("pause-master", "master-1").end(3_000_000),
    "a gap while the machine keeps the harness waiting": () => beating(1_000_000).wait(3_000_000).stall("harness", 1_500_000).end(),
  },
  bad: {
    "a gap of three intervals": () => beating(1_000_000, 3_000_000),
    "a gap while the machine keeps only an agent waiting": () => beating(1_000_000).wait(3_000_000).stall("agent-1", 1_500_000).end(),
    "none at all": () => cluster().end(3_000_000),
  },
});
