/** Drains that end, and drains that do not. */

import { drainsEnd } from "../../../harness/checkers/l10-drains-end.ts";
import type { OperationJson } from "../../../harness/history/event.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const draining = { active: false, deactivated: true, drain: { phase: "draining", markGone: false } } as const;
const drained = { active: false, deactivated: true, drain: { phase: "drained", markGone: false } } as const;

const t1 = { taskId: "t1", frameworkId: "F1", agentId: "A1", state: "TASK_KILLED", resources: cpusAndMem(1) };

/** The agent A1 is drained, and the framework wants no offer any more, so that nothing is asked of the other agent. */
function drain(history: HistoryBuilder, options: { maxGraceMs?: number } = {}): HistoryBuilder {
  return history.call("f1", { kind: "suppress", roles: [] }).drainAgent("A1", options);
}

function reserving(id: string | undefined): HistoryBuilder {
  const operation: OperationJson = { kind: "reserve", resources: cpusAndMem(1), ...(id === undefined ? {} : { id }) };
  const accept = { kind: "accept", offerIds: ["o1"], operations: [operation], tasks: [], refuseSeconds: 0 } as const;
  return drain(cluster().offer("o1").call("f1", accept).wait(10_000));
}

function shownEmpty(history: HistoryBuilder): HistoryBuilder {
  return history.wait(5_000).snapshot({}, draining).wait(5_000).snapshot({}, draining).end();
}

describeChecker(drainsEnd, {
  good: {
    "its task ends in its grace, and then the drain": () =>
      drain(cluster().runTask("t1"))
        .wait(3_000)
        .update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" })
        .acknowledge("t1", "TASK_KILLED")
        .snapshot({}, drained)
        .end(),
    "the drain of an agent that is empty": () => drain(cluster()).snapshot({}, draining).wait(2_000).snapshot({}, drained).end(),
  },
  undecided: {
    "it waits for an acknowledgement": () =>
      drain(cluster({ updateRetryMinMs: 600_000, updateRetryMaxMs: 600_000 }).runTask("t1"))
        .update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" })
        .wait(5_000)
        .snapshot({ tasks: [t1] }, draining)
        .wait(5_000)
        .snapshot({ tasks: [t1] }, draining)
        .end(),
    "it waits for the end of an operation": () => shownEmpty(reserving("operation-1")),
    "its agent is away": () => shownEmpty(drain(cluster().fault("cut-agent", "agent-1"))),
    "the task has longer than the history goes on": () => cluster().runTask("t1").drainAgent("A1", { maxGraceMs: 100_000 }).end(50_000),
  },
  bad: {
    "a task is forgotten": () => drain(cluster().runTask("t1")).end(),
    "a task has longer than the order allows": () => cluster().runTask("t1").drainAgent("A1", { maxGraceMs: 500 }).end(10_000),
    "the agent is empty and drains on": () => shownEmpty(drain(cluster())),
    "an operation that nobody waits for holds the drain up": () => shownEmpty(reserving(undefined)),
  },
});
