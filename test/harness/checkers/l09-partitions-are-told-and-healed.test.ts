/** Agents that fall silent, and come back. */

import { partitionsAreToldAndHealed } from "../../../harness/checkers/l09-partitions-are-told-and-healed.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const silent = (forMs: number): HistoryBuilder => cluster().runTask("t1").wait(20_000).fault("cut-agent", "agent-1").wait(forMs);

function unreachable(): HistoryBuilder {
  return silent(6_500).masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { message: "Agent A1 is unreachable" }).failure();
}

function back(): HistoryBuilder {
  return unreachable().faultEnd().registered("agent-1", "A1");
}

/** The same under a new leader, which learns of tasks from their agents only. */
function backUnderNewLeader(): HistoryBuilder {
  const next = unreachable().close().exited("master-1").started("master-1", 1).subscribe("f1", { master: "M2" });
  return next.wait(5_000).faultEnd().registered("agent-1", "A1");
}

describeChecker(partitionsAreToldAndHealed, {
  good: {
    "told after the pings, and again at the return": () =>
      back().masterUpdate("t1", "TASK_RUNNING", "REASON_AGENT_REREGISTERED").end(5_000),
    "told, and the agent never came back": () => unreachable().wait(20_000).faultEnd(),
  },
  undecided: {
    "the silence was too short to be noticed": () => silent(2_000).faultEnd(),
    // What a swarm found: a task of a framework that does not checkpoint is given up with the link, and the agent falls silent later.
    "the task had been given up before": () =>
      cluster()
        .runTask("t1")
        .wait(20_000)
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_DISCONNECTED")
        .fault("cut-agent", "agent-1")
        .wait(40_000)
        .faultEnd(),
    "the framework had left when the agent came back": () => unreachable().close().faultEnd().registered("agent-1", "A1").end(5_000),
    // A swarm's agent failed before it had recorded the task, and the master that had launched it ended before the agent was back.
    "the master changed, and the agent does not have the task": () => backUnderNewLeader().end(5_000),
    "the agent is hit once more as soon as it is back": () => back().fault("pause-agent", "agent-1").end(5_000),
    "the machine keeps the agent waiting when it is back": () => back().wait(900).stall("agent-1", 800).end(5_000),
  },
  bad: {
    "the agent is back, and the machine keeps another one waiting": () => back().wait(900).stall("agent-2", 800).end(5_000),
    "silent for long, and nobody says so": () => silent(40_000).faultEnd(),
    "the agent is back, and the task stays unreachable": () => back().end(5_000),
    "the master changed, and the task lives on unheard": () => backUnderNewLeader().wait(1_000).ledger("t1", "beat").end(5_000),
  },
});
