/** Updates one at a time, or not. */

import { updatesInOrder } from "../../../harness/checkers/s12-updates-in-order.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(updatesInOrder, {
  good: {
    "each acknowledged before the next": () => cluster().runTask("t1").update("t1", "TASK_FINISHED"),
    "an acknowledgement whose outcome nobody knows": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING", { outcome: "info" })
        .update("t1", "TASK_FINISHED"),
  },
  undecided: {
    // A swarm's framework without checkpoint was away when the agent's crash cost it the task, and reused the id.
    "the id is used again after a crash of the agent": () => usedAgain({ checkpoint: false, crash: true }),
    // Another one's came back without the task, and said so when its master asked for it.
    "the agent does not have the task any more after a crash": () => asked({ checkpoint: false }),
    "the master speaks in between": () =>
      cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION"),
  },
  bad: {
    "the end comes before RUNNING was acknowledged": () =>
      cluster().offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").update("t1", "TASK_FINISHED"),
    "the end comes after an acknowledgement that was refused": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING", { outcome: "fail" })
        .update("t1", "TASK_FINISHED"),
    "the agent lost a checkpointed task in a crash": () => asked({ checkpoint: true }),
    "the id is used again after a crash that the task survived": () => usedAgain({ checkpoint: true, crash: true }),
    "the id is used again and nothing happened to the agent": () => usedAgain({ checkpoint: false, crash: false }),
  },
});

/** RUNNING of a first launch is never acknowledged; RUNNING of a second one comes. */
function asked({ checkpoint }: { checkpoint: boolean }): HistoryBuilder {
  return cluster({}, "sim", { checkpoint })
    .offer("o1")
    .accept("o1", "t1")
    .update("t1", "TASK_RUNNING")
    .exited("agent-1", 0, { signal: "SIGKILL" })
    .started("agent-1", 1)
    .registered("agent-1", "A1", 1)
    .update("t1", "TASK_DROPPED", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" });
}

function usedAgain({ checkpoint, crash }: { checkpoint: boolean; crash: boolean }): HistoryBuilder {
  const history = cluster({}, "sim", { checkpoint }).offer("o1").accept("o1", "t1").update("t1", "TASK_RUNNING").close();
  if (crash) history.exited("agent-1", 0, { signal: "SIGKILL" }).started("agent-1", 1).registered("agent-1", "A1", 1);
  return history.subscribe("f1", { checkpoint }).offer("o2").accept("o2", "t1").update("t1", "TASK_RUNNING", { uuid: "t1-again" });
}
