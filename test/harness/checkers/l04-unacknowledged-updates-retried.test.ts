/** Retries of updates, in time, never, or in a hurry. */

import { unacknowledgedUpdatesRetried } from "../../../harness/checkers/l04-unacknowledged-updates-retried.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(unacknowledgedUpdatesRetried, {
  good: {
    "retried with a growing wait": () => {
      const history = cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING");
      for (const waitMs of [1_000, 2_000, 4_000, 4_000]) history.wait(waitMs).update("t1", "TASK_RUNNING");
      return history;
    },
  },
  undecided: {
    acknowledged: () => cluster().runTask("t1").end(),
    "the stream closed": () => cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").close().end(),
    "the agent crashed": () =>
      cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").exited("agent-1", 0, { signal: "SIGKILL" }).end(),
    "repeated at once by an agent that came back": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .update("t1", "TASK_RUNNING"),
  },
  bad: {
    "never retried": () => cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").end(),
    "dropped because an older update was acknowledged again": () =>
      cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_RUNNING").end(),
    "retried in a hurry": () => cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").wait(50).update("t1", "TASK_RUNNING"),
  },
});
