/** Frameworks that were torn down, and what is left of them. */

import { teardownLeavesNothing } from "../../../harness/checkers/s31-teardown-leaves-nothing.ts";
import type { CallJson, OrderJson } from "../../../harness/history/event.ts";
import type { HistoryBuilder } from "../history-builder.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const teardown: CallJson = { kind: "teardown" };
const gone = { frameworks: [] };

const ordered: OrderJson = { kind: "teardown", frameworkId: "F1" };

function endedByOperator(): HistoryBuilder {
  return cluster().runTask("t1").order(ordered).close();
}

function runsAndEnds(): HistoryBuilder {
  return cluster().runTask("t1").call("f1", teardown).close();
}

describeChecker(teardownLeavesNothing, {
  good: {
    "nothing is left": () => runsAndEnds().ledger("t1", "end").wait(20_000).snapshot(gone).processes("agent-1"),
    "nothing is left after an operator's": () => endedByOperator().ledger("t1", "end").wait(20_000).snapshot(gone).processes("agent-1"),
    "a later call is refused": () => cluster().call("f1", teardown).call("f1", { kind: "revive", roles: [] }, "fail"),
  },
  undecided: {
    "the leader was asked at once": () => runsAndEnds().snapshot(),
    "a task that has time to die": () => runsAndEnds().wait(3_000).processes("agent-1", "t1"),
    "an agent that was away": () =>
      cluster().runTask("t1").fault("cut-agent", "agent-1").call("f1", teardown).close().wait(20_000).processes("agent-1", "t1"),
    "an operator was refused": () => cluster().order(ordered, "fail").wait(2_000).snapshot(),
    "nobody knows whether it was obeyed": () => cluster().call("f1", teardown, "info").wait(2_000).snapshot(),
  },
  bad: {
    "the leader lists the framework": () => runsAndEnds().wait(2_000).snapshot(),
    "an offer is left": () =>
      runsAndEnds()
        .wait(2_000)
        .snapshot({ ...gone, offers: [{ offerId: "o9", frameworkId: "F1", agentId: "A1", resources: [] }] }),
    "a process is left": () => runsAndEnds().wait(20_000).processes("agent-1", "t1"),
    "the leader lists the framework that an operator ended": () => endedByOperator().wait(2_000).snapshot(),
    "a process is left of what an operator ended": () => endedByOperator().wait(20_000).processes("agent-1", "t1"),
    "it comes back after an operator ended it": () => cluster().order(ordered).close().subscribe(),
    "a later call is obeyed": () => cluster().call("f1", teardown).call("f1", { kind: "revive", roles: [] }),
    "it comes back": () => cluster().call("f1", teardown).close().subscribe(),
  },
});
