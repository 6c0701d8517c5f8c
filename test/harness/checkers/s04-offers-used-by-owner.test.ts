/** Offers used by their owner, or by somebody else. */

import { offersUsedByOwner } from "../../../harness/checkers/s04-offers-used-by-owner.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** The framework f2 answers what f1 was asked. */
function foreignAnswer(outcome: "ok" | "fail"): HistoryBuilder {
  const asked = cluster().subscribe("f2").runTask("t1").schedule().inverseOffer("i1").wait(5_000);
  return asked.answerInverseOffer("i1", { framework: "f2", outcome });
}

describeChecker(offersUsedByOwner, {
  good: {
    "another framework's ACCEPT leaves no trace": () =>
      cluster()
        .subscribe("f2")
        .offer("o1")
        .accept("o1", "t1", { framework: "f2" })
        .masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS", { framework: "f2" }),
    "an offer of the stream before leaves no trace": () =>
      cluster().offer("o1").close().subscribe("f1").accept("o1", "t1").masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS"),
  },
  undecided: {
    "an answer to another framework's inverse offer that is refused": () => foreignAnswer("fail").end(),
    "an answer to one that was just taken back": () => foreignAnswer("ok").schedule([]).rescindInverseOffer("i1").end(),
  },
  bad: {
    "an answer to another framework's inverse offer is taken": () => foreignAnswer("ok").end(),
    "another framework launches with it": () =>
      cluster().subscribe("f2").offer("o1").accept("o1", "t1", { framework: "f2" }).ledger("t1", "start", { framework: "f2" }),
    "another framework launches with it in the owner's name": () =>
      cluster().subscribe("f2").offer("o1").accept("o1", "t1", { framework: "f2" }).ledger("t1", "start"),
    "the next stream of the same framework launches with it": () =>
      cluster().offer("o1").close().subscribe("f1").accept("o1", "t1").update("t1", "TASK_RUNNING"),
  },
});
