/** Launches and ends that are heard of, or not. */

import { launchesAndEndsAreTold } from "../../../harness/checkers/l03-launches-and-ends-are-told.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(launchesAndEndsAreTold, {
  good: {
    "a launch that runs and ends": () =>
      cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED").end(),
    "a launch that is refused": () =>
      cluster().offer("o1").accept("o1", "t1", { cpus: 9 }).masterUpdate("t1", "TASK_ERROR", "REASON_TASK_INVALID").end(),
  },
  undecided: {
    "nobody knows whether the ACCEPT was obeyed": () => cluster().offer("o1").accept("o1", "t1", { outcome: "info" }).end(),
    "the agent crashed": () => cluster().offer("o1").accept("o1", "t1").exited("agent-1", 0, { signal: "SIGKILL" }).end(),
    "RUNNING is not acknowledged": () => {
      const history = cluster()
        .offer("o1")
        .accept("o1", "t1")
        .ledger("t1", "start")
        .update("t1", "TASK_RUNNING")
        .ledger("t1", "end", { exitCode: 0 });
      for (let attempt = 0; attempt < 10; attempt++) history.wait(2_000).update("t1", "TASK_RUNNING");
      return history;
    },
  },
  bad: {
    "a launch that is never heard of": () => cluster().offer("o1").accept("o1", "t1").end(),
    "an end that is never heard of": () => cluster().runTask("t1").ledger("t1", "end", { exitCode: 0 }).end(),
  },
});
