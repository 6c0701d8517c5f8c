/** Agents that are called unreachable: after a long silence, after a short one, after none. */

import { onlySilentAgentsAreUnreachable } from "../../../harness/checkers/s26-only-silent-agents-are-unreachable.ts";
import { cluster, emptyHistory, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function unreachable(history: HistoryBuilder): HistoryBuilder {
  return history.masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { message: "Agent A1 is unreachable" }).failure();
}

describeChecker(onlySilentAgentsAreUnreachable, {
  good: {
    "after five pings": () => unreachable(cluster().runTask("t1").fault("cut-agent", "agent-1").wait(6_000)),
  },
  undecided: {
    "an agent whose id was not written down, and whose place another has taken": () =>
      unreachable(
        emptyHistory()
          .started("master-1", 0)
          .subscribe()
          .started("agent-1", 0)
          .registered("agent-1", "A1")
          .offer("o1")
          .accept("o1", "t1")
          .fault("kill-agent", "agent-1")
          .exited("agent-1", 0, { signal: "SIGKILL" })
          .started("agent-1", 1)
          .registered("agent-1", "A3", 1)
          .wait(20_000),
      ),
  },
  bad: {
    "after one ping": () => unreachable(cluster().runTask("t1").wait(20_000).fault("cut-agent", "agent-1").wait(900)),
    "out of the blue": () => unreachable(cluster().runTask("t1").wait(20_000)),
  },
});
