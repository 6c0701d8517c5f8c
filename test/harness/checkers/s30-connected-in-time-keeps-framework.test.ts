/** Frameworks that come back in time. */

import { connectedInTimeKeepsFramework } from "../../../harness/checkers/s30-connected-in-time-keeps-framework.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const disconnected = [{ frameworkId: "F1", active: false, connected: false }];

/** The framework f1 has a new timeout and has just gone. */
function away(failoverTimeoutMs: number): HistoryBuilder {
  return cluster().close().wait(1_000).subscribe("f1", { failoverTimeoutMs }).wait(5_000).close();
}

describeChecker(connectedInTimeKeepsFramework, {
  good: {
    "away for less than the timeout, twice": () =>
      away(10_000)
        .wait(5_000)
        .subscribe("f1", { failoverTimeoutMs: 10_000 })
        .wait(3_000)
        .close()
        .wait(4_000)
        .snapshot({ frameworks: disconnected }),
    "removed after the timeout": () => away(10_000).wait(15_000).snapshot({ frameworks: [] }),
    "a shorter timeout given later": () =>
      away(10_000).wait(1_000).subscribe("f1", { failoverTimeoutMs: 0 }).wait(1_000).close().wait(3_000).snapshot({ frameworks: [] }),
    "displaced by its own next stream": () =>
      cluster()
        .add({ kind: "event", framework: "f1", streamId: "f1-1", event: { kind: "heartbeat" } })
        .close()
        .subscribe("f1"),
  },
  undecided: {
    "torn down": () => cluster().call("f1", { kind: "teardown" }).close().wait(3_000).snapshot({ frameworks: [] }),
  },
  bad: {
    "removed although it came back in time": () =>
      away(10_000).wait(5_000).subscribe("f1", { failoverTimeoutMs: 10_000 }).wait(3_000).close().wait(4_000).snapshot({ frameworks: [] }),
    "removed while connected": () => cluster().event("f1", { kind: "error", message: "framework has been removed" }).close(),
    "not listed while connected": () => cluster().snapshot({ frameworks: [] }).end(),
    "refused although it came back in time": () =>
      away(10_000).wait(5_000).subscribe("f1", { refused: "framework has been removed" }).close(),
  },
});
