/** What drain now must do and say, and the ways in which it may fail. */

import { drainNowIsAnnounced } from "../../../harness/checkers/s22-drain-now-is-announced.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** Two tasks run on agent-1, drain now hits it, and the tasks named are announced as lost. */
function drained(...announced: readonly string[]): HistoryBuilder {
  const history = cluster().runTask("t1").offer("o2", { cpus: 1 }).accept("o2", "t2").ledger("t2", "start").update("t2", "TASK_RUNNING");
  history.acknowledge("t2", "TASK_RUNNING").fault("drain-now", "agent-1");
  for (const taskId of announced) history.masterUpdate(taskId, "TASK_LOST", "REASON_AGENT_REMOVED");
  return history;
}

describeChecker(drainNowIsAnnounced, {
  good: {
    "each task is announced, then the agent": () => drained("t1", "t2").failure().exited("agent-1").end(),
    "the agent exits before the announcement arrives": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .exited("agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .end(),
    "a task that was ending shows its end instead": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .update("t1", "TASK_FAILED", { reason: "REASON_EXECUTOR_TERMINATED" })
        .acknowledge("t1", "TASK_FAILED")
        .failure()
        .exited("agent-1")
        .end(),
    "a framework whose stream is down hears nothing": () =>
      cluster().runTask("t1").close().fault("drain-now", "agent-1").exited("agent-1").wait(3_000).subscribe("f1").end(),
    "two signals are one": () => drained("t1", "t2").fault("drain-now", "agent-1").failure().exited("agent-1").end(),
    "a task that is named as still alive dies a little later": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { message: "agent left, task was still alive" })
        .failure()
        .exited("agent-1")
        .wait(100)
        .ledger("t1", "beat")
        .end(),
  },
  undecided: {
    "an operator had marked the agent gone, and the master refused it when the signal came": () =>
      cluster().markGone().failure().fault("drain-now", "agent-1").exited("agent-1", 0, { code: 3 }).end(),
    "the agent was being refused already, because an earlier drain had cost it its id": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .fault("kill-agent", "agent-1")
        .failure()
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .wait(5_000)
        .fault("drain-now", "agent-1")
        .exited("agent-1", 1, { code: 3 })
        .end(),
    "the launch may have been refused when an earlier stream closed": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .close()
        .subscribe("f1")
        .wait(5_000)
        .fault("drain-now", "agent-1")
        .failure()
        .exited("agent-1")
        .end(),
    "the machine kept the agent from leaving": () =>
      drained("t1", "t2").wait(9_000).stall("agent-1", 5_000).failure().exited("agent-1").end(),
    "the machine kept the harness from writing down what it had seen": () =>
      drained("t1", "t2").failure().exited("agent-1").wait(3_000).stall("harness", 2_500).processes("agent-1", "t1").end(),
    "a list of the time before was written down late": () =>
      drained("t1", "t2").failure().exited("agent-1").wait(3_000).stall("harness", 2_500).snapshot().end(),
    "the master was down": () =>
      cluster().runTask("t1").fault("kill-master", "master-1").exited("master-1").fault("drain-now", "agent-1").exited("agent-1").end(),
    "the agent was cut off": () =>
      cluster().runTask("t1").fault("cut-agent", "agent-1").wait(3_000).fault("drain-now", "agent-1").exited("agent-1").end(),
    "the agent was killed while it left": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .fault("kill-agent", "agent-1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .end(),
  },
  bad: {
    "the agent ends as if it had been refused": () =>
      cluster().fault("drain-now", "agent-1").failure().exited("agent-1", 0, { code: 3 }).end(),
    "a process outlives the agent for less time than the cluster's jitter": () =>
      cluster({ epsilonMs: 1_500 }, "processes")
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1")
        .wait(100)
        .ledger("t1", "beat")
        .end(),
    "nobody is told": () => cluster().runTask("t1").fault("drain-now", "agent-1").exited("agent-1").end(),
    "only the first task is told": () => drained("t1").failure().exited("agent-1").end(),
    "the agent's failure is not told": () => drained("t1", "t2").exited("agent-1").end(),
    "the agent's failure is told twice": () => drained("t1", "t2").failure().failure().exited("agent-1").end(),
    "the announcement carries a uuid": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .update("t1", "TASK_LOST", { source: "SOURCE_MASTER", reason: "REASON_AGENT_REMOVED" })
        .failure()
        .exited("agent-1")
        .end(),
    "the announcement gives another reason": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_DISCONNECTED")
        .failure()
        .exited("agent-1")
        .end(),
    "a task is told twice": () => drained("t1", "t2", "t1").failure().exited("agent-1").end(),
    "a task outlives its agent": () => drained("t1", "t2").failure().exited("agent-1").wait(1_000).ledger("t1", "beat").end(),
    "a process is left": () => drained("t1", "t2").failure().exited("agent-1").wait(1_000).processes("agent-1", "t1").end(),
    "the agent exits with an error": () => drained("t1", "t2").failure().exited("agent-1", 0, { code: 1 }).end(),
    "the agent takes long to leave, and nobody kept it": () => drained("t1", "t2").wait(9_000).failure().exited("agent-1").end(),
    "the agent takes long to leave, and another one was kept": () =>
      drained("t1", "t2").wait(9_000).stall("agent-2", 5_000).failure().exited("agent-1").end(),
    "the id is still listed long after the machine was slow": () =>
      drained("t1", "t2").failure().exited("agent-1").wait(3_000).stall("harness", 2_500).wait(10_000).snapshot().end(),
    "the id is still listed, and nobody was kept": () => drained("t1", "t2").failure().exited("agent-1").wait(3_000).snapshot().end(),
    "the agent does not exit": () => drained("t1", "t2").failure().end(),
    "the id is listed by the next leader": () =>
      drained("t1", "t2")
        .failure()
        .exited("agent-1")
        .wait(3_000)
        .snapshot({ agents: [], recoveredAgentIds: ["A1"] })
        .end(),
  },
});
