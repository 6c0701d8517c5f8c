/** SHUTDOWN of executors that have tasks. */

import { executorsShutDown } from "../../../harness/checkers/l16-executors-shut-down.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** A task of the executor e1 runs, and an executor is shut down. */
function shutdown(executorId = "e1"): HistoryBuilder {
  const task = { taskId: "t1", agentId: "A1", resources: cpusAndMem(1), command: "sleep", executorId: "e1" };
  return cluster()
    .offer("o1")
    .call("f1", { kind: "accept", offerIds: ["o1"], tasks: [task], refuseSeconds: 5 })
    .ledger("t1", "start")
    .update("t1", "TASK_RUNNING")
    .acknowledge("t1", "TASK_RUNNING")
    .wait(20_000)
    .call("f1", { kind: "shutdown", executorId, agentId: "A1" });
}

describeChecker(executorsShutDown, {
  good: {
    "its task ends in time": () => shutdown().wait(5_000).update("t1", "TASK_FAILED").acknowledge("t1", "TASK_FAILED").end(),
  },
  undecided: {
    "another executor is shut down": () => shutdown("e2").end(),
    "the agent is cut off": () => shutdown().fault("cut-agent", "agent-1").end(5_000),
  },
  bad: {
    "its task goes on": () => shutdown().end(),
  },
});
