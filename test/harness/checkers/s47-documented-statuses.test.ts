/** Statuses of calls: those of the contract, and others. */

import { documentedStatusesOnly } from "../../../harness/checkers/s47-documented-statuses.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function refusedWith(code: string): HistoryBuilder {
  return cluster()
    .subscribe()
    .add({ kind: "invoke", call: 70, framework: "f1", streamId: "f1-1", body: { kind: "suppress", roles: [] } })
    .add({ kind: "fail", call: 70, code, message: "for some reason" });
}

describeChecker(documentedStatusesOnly, {
  good: {
    "a call that is taken and one that is refused": () =>
      cluster().subscribe().offer("O1").decline("O1", 5).kill("t1", { outcome: "fail" }),
    "a call of a framework that is not subscribed": () => refusedWith("PERMISSION_DENIED"),
  },
  bad: {
    "a refusal that says the master is at fault": () => refusedWith("INTERNAL"),
    "a status that belongs to other services": () => refusedWith("NOT_FOUND"),
    "a number that is no status": () => refusedWith("code 42"),
  },
});
