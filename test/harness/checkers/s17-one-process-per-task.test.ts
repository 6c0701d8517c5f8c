/** Processes of a task, one or several. */

import { oneProcessPerTask } from "../../../harness/checkers/s17-one-process-per-task.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(oneProcessPerTask, {
  good: {
    "one process that beats": () => cluster().runTask("t1").wait(1_000).ledger("t1", "beat").processes("agent-1", "t1"),
    "a grandchild that beats as well": () => cluster().runTask("t1").ledger("t1", "beat", { process: "daemon" }).ledger("t1", "beat"),
    "a second launch after the first ended": () =>
      cluster()
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .offer("o2")
        .accept("o2", "t1")
        .ledger("t1", "start", { process: "t1-p2" }),
  },
  bad: {
    "one launch starts two processes": () => cluster().runTask("t1").ledger("t1", "start", { process: "t1-p2" }),
    "two processes at once": () =>
      cluster()
        .runTask("t1")
        .offer("o2", { agent: "A2" })
        .accept("o2", "t1")
        .ledger("t1", "start", { process: "t1-p2", node: "agent-2" })
        .ledger("t1", "beat"),
    "a task that nobody launched": () => cluster().ledger("t1", "start"),
  },
});
