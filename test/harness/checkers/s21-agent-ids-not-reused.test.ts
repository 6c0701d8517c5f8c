/** Agent ids over restarts and drains. */

import { agentIdsNotReused } from "../../../harness/checkers/s21-agent-ids-not-reused.ts";
import type { SchedulerEventJson } from "../../../harness/history/event.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const subscribed: SchedulerEventJson = { kind: "subscribed", frameworkId: "F1", heartbeatIntervalMs: 1_000_000, masterId: "M1" };

describeChecker(agentIdsNotReused, {
  good: {
    // In a swarm the first that came on a framework's new stream overtook nothing: all of it was sent before the order was obeyed.
    "an agent that is gone reports to a framework that was just subscribing": () => {
      const status = { taskId: "t1", state: "TASK_RUNNING", agentId: "A1", source: "SOURCE_EXECUTOR", uuid: "t1-TASK_RUNNING" };
      return cluster()
        .runTask("t1")
        .close()
        .call("f1", { kind: "subscribe", frameworkId: "F1", failoverTimeoutMs: 100_000, partitionAware: true, roles: ["*"] }, "open")
        .markGone()
        .add({ kind: "event", framework: "f1", streamId: "f1-2", event: subscribed })
        .add({ kind: "event", framework: "f1", streamId: "f1-2", event: { kind: "update", status } });
    },
    "an agent that is gone, and another in its place": () =>
      cluster()
        .markGone()
        .failure()
        .exited("agent-1", 0, { code: 3, expected: false })
        .started("agent-1", 1)
        .registered("agent-1", "A3", 1)
        .snapshot({}, { agentId: "A3" }),
    "an answer to its registration that was held up by a cut": () =>
      cluster().fault("cut-agent", "agent-1").wait(5_000).markGone().failure().wait(5_000).faultEnd().registered("agent-1", "A1"),
    "the same id after a crash": () =>
      cluster().exited("agent-1", 0, { signal: "SIGKILL" }).started("agent-1", 1).registered("agent-1", "A1", 1),
    "a new id after drain now": () =>
      cluster().fault("drain-now", "agent-1").failure().exited("agent-1").started("agent-1", 1).registered("agent-1", "A3", 1).end(),
    "the same id when drain now was overtaken by a kill": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .fault("kill-agent", "agent-1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1),
    "an agent that was killed before it could leave, became unreachable, came back and is offered": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .fault("kill-agent", "agent-1")
        .exited("agent-1", 0, { signal: "SIGKILL" })
        .wait(20_000)
        .failure()
        .started("agent-1", 1)
        .offer("o1")
        .registered("agent-1", "A1", 1),
  },
  bad: {
    "an agent that is gone comes back under its id": () =>
      cluster().exited("agent-1", 0, { signal: "SIGKILL" }).markGone().started("agent-1", 1).registered("agent-1", "A1", 1),
    "an agent that is gone is awaited by the next leader": () =>
      cluster()
        .markGone()
        .snapshot({ recoveredAgentIds: ["A1"] }),
    "an agent that is gone is still listed": () => cluster().markGone().snapshot(),
    "an agent that is gone reports of a task to a framework that came later": () =>
      cluster().runTask("t1").markGone().close().wait(5_000).subscribe().update("t1", "TASK_FAILED"),
    "the old id after drain now that an orderly end cut short": () =>
      cluster()
        .fault("drain-now", "agent-1")
        .fault("term-agent", "agent-1")
        .exited("agent-1")
        .started("agent-1", 1)
        .registered("agent-1", "A1", 1),
    "the old id after drain now": () =>
      cluster().fault("drain-now", "agent-1").exited("agent-1").started("agent-1", 1).registered("agent-1", "A1", 1),
    "two nodes with one id": () => cluster().registered("agent-2", "A1"),
    "a drained agent is offered": () => cluster().fault("drain-now", "agent-1").failure().offer("o1"),
  },
});
