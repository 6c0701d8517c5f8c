/** Answers to explicit and implicit reconciliation. */

import { reconciliationAnswers } from "../../../harness/checkers/s24-reconciliation-answers.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(reconciliationAnswers, {
  good: {
    "a task of an agent that is gone is gone by the operator": () =>
      cluster()
        .runTask("t1")
        .markGone()
        .masterUpdate("t1", "TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR")
        .failure()
        .wait(5_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_GONE_BY_OPERATOR", "REASON_RECONCILIATION")
        .end(),
    "a running task is running": () =>
      cluster().runTask("t1").wait(5_000).reconcile("t1", "A1").masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION").end(),
    "an unknown task of a known agent is gone": () =>
      cluster().reconcile("t9", "A1").masterUpdate("t9", "TASK_GONE", "REASON_RECONCILIATION").end(),
    "an unknown task is unknown": () => cluster().reconcile("t9").masterUpdate("t9", "TASK_UNKNOWN", "REASON_RECONCILIATION").end(),
    "an end that was not acknowledged is told again": () =>
      cluster()
        .runTask("t1")
        .update("t1", "TASK_FAILED")
        .wait(1_000)
        .update("t1", "TASK_FAILED")
        .wait(2_000)
        .update("t1", "TASK_FAILED")
        .reconcile("t1")
        .masterUpdate("t1", "TASK_FAILED", "REASON_RECONCILIATION")
        .wait(1_500)
        .masterUpdate("t1", "TASK_FAILED", "REASON_RECONCILIATION"),
    "a question about everything is answered for what lives": () =>
      cluster()
        .runTask("t1")
        .runTask("t2", { agent: "A2", node: "agent-2" })
        .ledger("t2", "end", { exitCode: 0 })
        .update("t2", "TASK_FINISHED", { agentId: "A2" })
        .acknowledge("t2", "TASK_FINISHED", { agent: "A2" })
        .wait(5_000)
        .reconcile()
        .masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION")
        .end(),
    "TASK_LOST was announced while the framework had no stream": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .close("f2")
        .wait(5_000)
        .subscribe("f2", { partitionAware: false })
        .registered("agent-1", "A1")
        .wait(20_000)
        .update("t1", "TASK_RUNNING", { framework: "f2", uuid: "t1-again" })
        .call("f2", { kind: "acknowledge", agentId: "A1", taskId: "t1", uuid: "t1-again" })
        .wait(20_000)
        .call("f2", { kind: "reconcile", tasks: [{ taskId: "t1" }] })
        .masterUpdate("t1", "TASK_LOST", "REASON_RECONCILIATION", { framework: "f2" })
        .end(),
  },
  undecided: {
    "nobody knows whether the agent is gone": () =>
      cluster()
        .markGone("A1", "info")
        .wait(5_000)
        .reconcile("t9", "A1")
        .masterUpdate("t9", "TASK_GONE_BY_OPERATOR", "REASON_RECONCILIATION")
        .end(),
    "an agent came back without a task that was unreachable": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .fault("cut-agent", "agent-1")
        .wait(6_000)
        .failure()
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .faultEnd()
        .wait(20_000)
        .registered("agent-1", "A1")
        .update("t1", "TASK_DROPPED", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" })
        .wait(1_000)
        .update("t1", "TASK_DROPPED", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" })
        .wait(1_200)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_GONE", "REASON_RECONCILIATION")
        .wait(800)
        .update("t1", "TASK_DROPPED", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" })
        .wait(1_000)
        .acknowledge("t1", "TASK_DROPPED")
        .end(),
    "the end was acknowledged while its agent was away": () =>
      cluster()
        .runTask("t1")
        .update("t1", "TASK_FAILED")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .wait(1_000)
        .acknowledge("t1", "TASK_FAILED")
        .wait(1_000)
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .update("t1", "TASK_FAILED")
        .wait(2_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_FAILED", "REASON_RECONCILIATION")
        .end(),
    "the agent was unreachable and came back, and drain now came later": () =>
      cluster()
        .runTask("t1")
        .failure()
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .wait(5_000)
        .registered("agent-1", "A1")
        .masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED")
        .wait(20_000)
        .reconcile("t9", "A2")
        .masterUpdate("t9", "TASK_GONE", "REASON_RECONCILIATION", { agent: "A2" })
        .wait(20_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION")
        .wait(5_000)
        .fault("drain-now", "agent-1"),
    "its id was tried again on another agent, which then drained": () =>
      cluster()
        .runTask("t1", { agent: "A2", node: "agent-2" })
        .offer("o2")
        .accept("o2", "t1")
        .masterUpdate("t1", "TASK_ERROR", "REASON_TASK_INVALID")
        .fault("drain-now", "agent-1")
        .failure()
        .exited("agent-1")
        .wait(5_000)
        .reconcile("t1")
        .masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION", { agent: "A2" })
        .end(),
    "drain now hit while no master was there, and the agent is unreachable": () =>
      cluster()
        .runTask("t1")
        .exited("master-1")
        .fault("drain-now", "agent-1")
        .exited("agent-1")
        .started("master-1", 1)
        .wait(30_000)
        .failure()
        .wait(5_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_RECONCILIATION")
        .end(),
    "silence just after a failover": () =>
      cluster()
        .runTask("t1")
        .exited("master-1")
        .close()
        .started("master-1", 1)
        .subscribe("f1", { master: "M2" })
        .reconcile("t1", "A1")
        .wait(1_500)
        .add({ kind: "phase", phase: "end" }),
    "the task ended while the answer came": () =>
      cluster()
        .runTask("t1")
        .wait(5_000)
        .reconcile("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .acknowledge("t1", "TASK_FINISHED")
        .masterUpdate("t1", "TASK_UNKNOWN", "REASON_RECONCILIATION")
        .end(),
    "the stream closed": () => cluster().runTask("t1").wait(5_000).reconcile("t1").close().end(),
  },
  bad: {
    "a task of an agent that is gone is not known at all": () =>
      cluster()
        .runTask("t1")
        .markGone()
        .masterUpdate("t1", "TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR")
        .wait(5_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_UNKNOWN", "REASON_RECONCILIATION")
        .end(),
    "TASK_LOST that the framework would have heard": () =>
      cluster()
        .subscribe("f2", { partitionAware: false })
        .runTask("t1", { framework: "f2" })
        .registered("agent-1", "A1")
        .wait(20_000)
        .update("t1", "TASK_RUNNING", { framework: "f2", uuid: "t1-again" })
        .call("f2", { kind: "acknowledge", agentId: "A1", taskId: "t1", uuid: "t1-again" })
        .wait(20_000)
        .call("f2", { kind: "reconcile", tasks: [{ taskId: "t1" }] })
        .masterUpdate("t1", "TASK_LOST", "REASON_RECONCILIATION", { framework: "f2" })
        .end(),
    "TASK_LOST of a framework that is partition aware": () =>
      cluster()
        .subscribe("f2", { partitionAware: true })
        .runTask("t1", { framework: "f2" })
        .close("f2")
        .wait(5_000)
        .subscribe("f2", { partitionAware: true })
        .registered("agent-1", "A1")
        .wait(20_000)
        .update("t1", "TASK_RUNNING", { framework: "f2", uuid: "t1-again" })
        .call("f2", { kind: "acknowledge", agentId: "A1", taskId: "t1", uuid: "t1-again" })
        .wait(20_000)
        .call("f2", { kind: "reconcile", tasks: [{ taskId: "t1" }] })
        .masterUpdate("t1", "TASK_LOST", "REASON_RECONCILIATION", { framework: "f2" })
        .end(),
    "a running task is not answered": () => cluster().runTask("t1").wait(5_000).reconcile("t1", "A1").end(),
    "a running task is called gone": () =>
      cluster().runTask("t1").wait(5_000).reconcile("t1", "A1").masterUpdate("t1", "TASK_GONE", "REASON_RECONCILIATION").end(),
    "a task of a removed agent is called running": () =>
      cluster()
        .runTask("t1")
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1")
        .wait(5_000)
        .reconcile("t1", "A1")
        .masterUpdate("t1", "TASK_RUNNING", "REASON_RECONCILIATION")
        .end(),
    "an unknown task of a known agent is unknown": () =>
      cluster().reconcile("t9", "A1").masterUpdate("t9", "TASK_UNKNOWN", "REASON_RECONCILIATION").end(),
    "a question about everything leaves out a task": () => cluster().runTask("t1").wait(5_000).reconcile().end(),
  },
});
