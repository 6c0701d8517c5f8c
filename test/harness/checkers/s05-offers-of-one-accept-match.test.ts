/** ACCEPTs of several offers: of one agent, and of two. */

import { offersOfOneAcceptMatch } from "../../../harness/checkers/s05-offers-of-one-accept-match.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function acceptBoth(second: "A1" | "A2"): HistoryBuilder {
  const task = { taskId: "t1", agentId: "A1", resources: cpusAndMem(1), command: "sleep" };
  return cluster()
    .offer("o1", { cpus: 1 })
    .offer("o2", { agent: second, cpus: 1 })
    .call("f1", { kind: "accept", offerIds: ["o1", "o2"], tasks: [task], refuseSeconds: 5 });
}

describeChecker(offersOfOneAcceptMatch, {
  good: {
    "offers of two agents launch nothing": () => acceptBoth("A2").masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS").end(4_000),
  },
  undecided: {
    "two offers of one agent launch": () =>
      acceptBoth("A1").ledger("t1", "start").update("t1", "TASK_RUNNING").acknowledge("t1", "TASK_RUNNING"),
  },
  bad: {
    "offers of two agents launch a task": () => acceptBoth("A2").ledger("t1", "start").update("t1", "TASK_RUNNING"),
    "nobody says that the call was void": () => acceptBoth("A2").end(4_000),
  },
});
