/** Ends of tasks that are heard of, or forgotten. */

import { endsAreReported } from "../../../harness/checkers/s13-ends-are-reported.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(endsAreReported, {
  good: {
    "the end comes after the agent crashed and came back": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .end(),
  },
  undecided: {
    "RUNNING was not acknowledged, and is retried": () => {
      const history = cluster()
        .offer("o1")
        .accept("o1", "t1")
        .ledger("t1", "start")
        .update("t1", "TASK_RUNNING")
        .ledger("t1", "end", { exitCode: 0 });
      for (let attempt = 0; attempt < 5; attempt++) history.wait(2_000).update("t1", "TASK_RUNNING");
      return history;
    },
    "the agent left for good": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).exited("agent-1").end(),
    // A swarm's framework acknowledged RUNNING late, and was away when the machine went DOWN with the end that waited behind it.
    "its machine went DOWN": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .close()
        .schedule()
        .startMaintenance()
        .exited("agent-1", 0, { code: 3, expected: false })
        .wait(1_000)
        .subscribe("f1")
        .end(),
    "it was marked gone": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).close().markGone().subscribe("f1").end(),
    "the framework is away": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).close().end(),
  },
  bad: {
    "the end is forgotten in a crash of the agent": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .end(),
    "the end is forgotten while the framework was away": () =>
      cluster().runTask("t1").close().ledger("t1", "end", { exitCode: 0 }).subscribe("f1").end(),
  },
});
