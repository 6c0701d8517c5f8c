/** One question about an agent at a time. */

import { oneInverseOfferAtATime } from "../../../harness/checkers/s37-one-inverse-offer-at-a-time.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function asked(): HistoryBuilder {
  return cluster()
    .runTask("t1")
    .runTask("t2", { agent: "A2", node: "agent-2" })
    .schedule([{ hostname: "agent-1" }, { hostname: "agent-2" }])
    .inverseOffer("i1");
}

describeChecker(oneInverseOfferAtATime, {
  good: {
    "again after an answer": () => asked().answerInverseOffer("i1", { refuseSeconds: 0 }).wait(1_000).inverseOffer("i2"),
    "again after it was taken back": () => asked().schedule().rescindInverseOffer("i1").inverseOffer("i2"),
    "about another agent": () => asked().inverseOffer("i2", { agent: "A2" }),
    "again on a new stream": () => asked().close().subscribe().inverseOffer("i2"),
    "while the answer is on its way": () => asked().answerInverseOffer("i1", { refuseSeconds: 0, outcome: "open" }).inverseOffer("i2"),
  },
  bad: {
    "again while it waits": () => asked().wait(5_000).inverseOffer("i2"),
    "again after an answer that was refused": () => asked().answerInverseOffer("i1", { outcome: "fail" }).wait(5_000).inverseOffer("i2"),
  },
});
