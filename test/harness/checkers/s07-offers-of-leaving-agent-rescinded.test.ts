/** Offers of agents that leave. */

import { offersOfLeavingAgentRescinded } from "../../../harness/checkers/s07-offers-of-leaving-agent-rescinded.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(offersOfLeavingAgentRescinded, {
  good: {
    "rescinded when the agent is announced as failed": () => cluster().offer("o1").rescind("o1").failure().end(),
    "rescinded after the failure, which is as good": () => cluster().offer("o1").failure().rescind("o1").end(),
    "rescinded when the agent's process dies": () => cluster().offer("o1").exited("agent-1", 0, { signal: "SIGKILL" }).rescind("o1").end(),
    "rescinded when an operator deactivates the agent": () => cluster().offer("o1").deactivate().rescind("o1").end(),
    "rescinded when an operator has the agent drained": () => cluster().offer("o1").rescind("o1").drainAgent().deactivate().end(),
  },
  undecided: {
    "nobody knows whether the agent was deactivated": () => cluster().offer("o1").deactivate("A1", "info").end(),
    "an offer made between two orders that cross": () => cluster().deactivate("A1", "open").reactivate().offer("o1").end(),
    "the stream closed soon after": () => cluster().offer("o1").failure().close().end(),
    "the offer was being used when the agent died": () =>
      cluster()
        .offer("o1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .accept("o1", "t1")
        .masterUpdate("t1", "TASK_DROPPED", "REASON_AGENT_REMOVED")
        .end(),
    "the master failed with it": () => cluster().offer("o1").exited("master-1").failure().end(),
  },
  bad: {
    "not rescinded after the agent was deactivated": () => cluster().offer("o1").deactivate().end(),
    "not rescinded after the drain began": () => cluster().offer("o1").drainAgent().end(),
    "not rescinded after a failure": () => cluster().offer("o1").failure().end(),
    "not rescinded after a failure, and used later": () => cluster().offer("o1").failure().accept("o1", "t1").end(),
    "not rescinded after the agent's process died": () => cluster().offer("o1").exited("agent-1", 0, { signal: "SIGKILL" }).end(),
    "rescinded to one framework only": () =>
      cluster()
        .subscribe("f2")
        .offer("o1")
        .offer("o2", { framework: "f2", cpus: 1 })
        .rescind("o1")
        .failure("A1", "f1")
        .failure("A1", "f2")
        .end(),
  },
});
