/** Agents that are drained, and what is left of their tasks. */

import { drainedAgentsAreEmpty } from "../../../harness/checkers/s41-drained-agents-are-empty.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const drained = { active: false, deactivated: true, drain: { phase: "drained", markGone: false } } as const;
const draining = { ...drained, drain: { phase: "draining", markGone: false } } as const;

function killed(): HistoryBuilder {
  return cluster().runTask("t1").drainAgent().update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" });
}

const t1 = { taskId: "t1", frameworkId: "F1", agentId: "A1", state: "TASK_KILLED", resources: cpusAndMem(1) };
const executor = { executorId: "e1", frameworkId: "F1", agentId: "A1", isDefault: true, resources: cpusAndMem(1) };

describeChecker(drainedAgentsAreEmpty, {
  good: {
    "drained after the last acknowledgement": () => killed().acknowledge("t1", "TASK_KILLED").snapshot({}, drained),
    "an agent that was empty": () => cluster().drainAgent().snapshot({}, drained),
    // A swarm's agent never got the launch, its framework did not acknowledge that, and the next leader knew nothing of the task.
    "the agent never had a task of which the leader before knew, and says so still": () =>
      cluster()
        .offer("o1")
        .accept("o1", "t1")
        .exited("master-1")
        .close()
        .started("master-1", 1)
        .subscribe("f1", { master: "M2" })
        .registered("agent-1", "A1")
        .update("t1", "TASK_LOST", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" })
        .drainAgent()
        .snapshot({}, drained),
    // A swarm's framework did not checkpoint, and did not acknowledge the end before its agent crashed.
    "the agent has forgotten the end of a task that was not checkpointed": () =>
      cluster({}, "sim", { checkpoint: false })
        .runTask("t1")
        .ledger("t1", "end", { exitCode: 0 })
        .update("t1", "TASK_FINISHED")
        .fault("kill-agent", "agent-1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1)
        .faultEnd()
        .drainAgent()
        .snapshot({}, drained),
    "the agent does not have a task that was given up as unreachable, and says so still": () =>
      cluster()
        .offer("o1")
        .fault("cut-agent", "agent-1")
        .accept("o1", "t1")
        .wait(10_000)
        .masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { message: "unreachable" })
        .failure()
        .faultEnd()
        .registered("agent-1", "A1")
        .update("t1", "TASK_DROPPED", { source: "SOURCE_AGENT", reason: "REASON_RECONCILIATION" })
        .drainAgent()
        .snapshot({}, drained),
    "its framework has left": () => killed().call("f1", { kind: "teardown" }).snapshot({ frameworks: [] }, drained),
  },
  undecided: {
    "it drains still": () => killed().snapshot({ tasks: [t1] }, draining),
    "another agent has tasks": () =>
      cluster()
        .runTask("t2", { agent: "A2", node: "agent-2" })
        .drainAgent()
        .snapshot({ tasks: [{ ...t1, taskId: "t2", agentId: "A2" }] }, draining),
  },
  bad: {
    "a task waits for its acknowledgement": () => killed().snapshot({ tasks: [t1] }, drained),
    "the leader has forgotten a task that waits for its acknowledgement": () => killed().snapshot({}, drained),
    "a task runs": () =>
      cluster()
        .drainAgent()
        .snapshot({ tasks: [{ ...t1, state: "TASK_RUNNING" }] }, drained),
    "an executor is left": () =>
      cluster()
        .drainAgent()
        .snapshot({ executors: [executor] }, drained),
  },
});
