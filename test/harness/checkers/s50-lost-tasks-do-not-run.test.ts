/** Tasks that were announced as lost, dead or alive. */

import { lostTasksDoNotRun } from "../../../harness/checkers/s50-lost-tasks-do-not-run.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** A task runs on agent-1, drain now hits it, and the task is announced as lost. */
function lost(message?: string): HistoryBuilder {
  const history = cluster().runTask("t1").fault("drain-now", "agent-1");
  return history.masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", message === undefined ? {} : { message });
}

describeChecker(lostTasksDoNotRun, {
  good: {
    "dead when it is announced": () => lost().failure().exited("agent-1").end(),
  },
  undecided: {
    "an operator marked the agent gone just before the signal": () =>
      cluster()
        .runTask("t1")
        .markGone()
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { message: "Agent A1 was marked gone by the operator" })
        .failure()
        .fault("drain-now", "agent-1")
        .ledger("t1", "beat")
        .exited("agent-1", 0, { code: 3 })
        .end(),
    "named as still alive, and beating once more": () =>
      lost("1 task is still alive").ledger("t1", "beat").failure().exited("agent-1").end(),
    "its process was seen, and the machine let that be written down late": () =>
      lost().wait(2_000).stall("harness", 1_950).processes("agent-1", "t1").end(),
    "lost with an agent that died at its signal, came back with its id and was unreachable later": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .fault("store-fail", "agent-1")
        .exited("agent-1", 0, { code: 1 })
        .faultEnd()
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .runTask("t1")
        .fault("kill-agent", "agent-1")
        .exited("agent-1", 1, { signal: "SIGKILL" })
        .wait(20_000)
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { message: "Agent A1 is unreachable" })
        .failure()
        .ledger("t1", "beat"),
  },
  bad: {
    "it beats on for less time than the cluster's jitter": () =>
      cluster({ epsilonMs: 1_500 }, "processes")
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1")
        .wait(100)
        .ledger("t1", "beat")
        .end(),
    "beating after it was announced": () => lost().wait(100).ledger("t1", "beat"),
    "it has a process after it was announced": () => lost().wait(100).processes("agent-1", "t1"),
    "it even ends after it was announced": () => lost().wait(100).ledger("t1", "end", { exitCode: 0 }),
  },
});
