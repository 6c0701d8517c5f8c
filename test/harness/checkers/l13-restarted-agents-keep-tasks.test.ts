/** Agents that crash and come back. */

import { restartedAgentsKeepTasks } from "../../../harness/checkers/l13-restarted-agents-keep-tasks.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** A task runs on agent-1, which is killed and comes back with an id. */
function restarted(agentId: string, tier = "sim"): HistoryBuilder {
  const history = cluster({}, tier).runTask("t1").fault("kill-agent", "agent-1").exited("agent-1", 0, { signal: "SIGKILL" });
  return history.started("agent-1", 1).registered("agent-1", agentId, 1);
}

/** The same of a framework that does not checkpoint. */
function volatileRestarted(): HistoryBuilder {
  const history = cluster({}, "sim", { checkpoint: false }).runTask("t1").fault("kill-agent", "agent-1");
  return history
    .exited("agent-1", 0, { signal: "SIGKILL" })
    .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_DISCONNECTED")
    .started("agent-1", 1)
    .registered("agent-1", "A1", 1)
    .wait(5_000);
}

/** The framework shuts the executor of its task down, and the agent is killed before it knows. */
function shutDown(): HistoryBuilder {
  const task = { taskId: "t1", agentId: "A1", resources: cpusAndMem(1), command: "sleep", executorId: "e1" };
  return cluster()
    .offer("o1")
    .call("f1", { kind: "accept", offerIds: ["o1"], tasks: [task], refuseSeconds: 5 })
    .ledger("t1", "start")
    .update("t1", "TASK_RUNNING")
    .acknowledge("t1", "TASK_RUNNING")
    .call("f1", { kind: "shutdown", executorId: "e1", agentId: "A1" })
    .fault("kill-agent", "agent-1")
    .exited("agent-1", 0, { signal: "SIGKILL" })
    .started("agent-1", 1)
    .registered("agent-1", "A1", 1);
}

describeChecker(restartedAgentsKeepTasks, {
  good: {
    "the same id, and tasks that run on": () => restarted("A1").ledger("t1", "beat").end(),
    "a task without checkpoint that is lost with its agent's process": () => volatileRestarted().end(),
    // A swarm drained an agent less than a second after it was back, and the loss was put down to the restart.
    "drained as soon as it was back": () =>
      restarted("A1")
        .wait(100)
        .fault("drain-now", "agent-1")
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED", { message: "Agent A1 unregistered; the task is dead" })
        .failure()
        .exited("agent-1", 1)
        .end(),
    // A swarm's operator marked the agent gone less than a second after it was back.
    "marked gone as soon as it was back": () =>
      restarted("A1").wait(100).markGone().masterUpdate("t1", "TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR").end(),
    // The framework of a swarm had its executor shut down just before the kill.
    "its executor was shut down": () => shutDown().update("t1", "TASK_FAILED").end(),
    "a task that failed by itself meanwhile": () =>
      restarted("A1").ledger("t1", "end", { exitCode: 1 }).update("t1", "TASK_FAILED").acknowledge("t1", "TASK_FAILED").end(),
    "the master was cut off from everybody just before": () =>
      cluster()
        .runTask("t1")
        .fault("cut-master", "master-1")
        .wait(5_000)
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .failure()
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .end(),
    "killed twice, and away from the first time on": () =>
      cluster()
        .runTask("t1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .wait(9_000)
        .exited("agent-1", 1, { signal: "SIGKILL" })
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .failure()
        .started("agent-1", 2)
        .registered("agent-1", "A1", 2)
        .masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED")
        .end(),
    "away for too long": () =>
      cluster()
        .runTask("t1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .wait(9_000)
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED")
        .failure()
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED")
        .end(),
  },
  undecided: {
    "an operator had marked it gone": () =>
      cluster()
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .markGone()
        .failure()
        .started("agent-1", 1)
        .exited("agent-1", 1, { code: 3, expected: false })
        .started("agent-1", 2)
        .registered("agent-1", "A3", 2)
        .end(),
    "a new id after drain now": () =>
      cluster().fault("drain-now", "agent-1").failure().exited("agent-1").started("agent-1", 1).registered("agent-1", "A3", 1).end(),
    "a crash just after the registration, and another one before the next": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .failure()
        .exited("agent-1")
        .started("agent-1", 1)
        .registered("agent-1", "A3", 1)
        .exited("agent-1", 1, { code: 1 })
        .started("agent-1", 2)
        .wait(5_000)
        .exited("agent-1", 2, { signal: "SIGKILL" })
        .started("agent-1", 3)
        .registered("agent-1", "A4", 3)
        .end(),
  },
  bad: {
    "a task without checkpoint that outlives its agent's process": () => volatileRestarted().ledger("t1", "beat").end(),
    "a new id": () => restarted("A3").end(),
    "a new id after two crashes": () =>
      cluster()
        .runTask("t1")
        .wait(5_000)
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .exited("agent-1", 1, { signal: "SIGKILL" })
        .started("agent-1", 2)
        .registered("agent-1", "A3", 2)
        .end(),
    "a task is called lost": () => restarted("A1").masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").end(),
    "a task is called gone by its agent": () => restarted("A1").update("t1", "TASK_GONE", { source: "SOURCE_AGENT" }).end(),
    "a task fell with its agent": () => restarted("A1").update("t1", "TASK_FAILED").end(),
    // Its container has an init, which outlives the agent.
    "a task fell with its agent in a container": () => restarted("A1", "containers").update("t1", "TASK_FAILED").end(),
  },
});
