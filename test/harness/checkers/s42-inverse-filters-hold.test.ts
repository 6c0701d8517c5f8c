/** Answers to inverse offers and how long they hold. */

import { inverseFiltersHold } from "../../../harness/checkers/s42-inverse-filters-hold.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function answered(refuseSeconds?: number): HistoryBuilder {
  const options = refuseSeconds === undefined ? {} : { refuseSeconds };
  return cluster().runTask("t1").schedule().inverseOffer("i1").wait(5_000).answerInverseOffer("i1", options);
}

describeChecker(inverseFiltersHold, {
  good: {
    "asked again after the filter": () => answered(10).wait(10_500).inverseOffer("i2"),
    "asked again after Mesos's own filter": () => answered().wait(5_500).inverseOffer("i2"),
    "asked again at once without a filter": () => answered(0).inverseOffer("i2"),
    "asked again after REVIVE": () => answered(60).call("f1", { kind: "revive", roles: [] }).inverseOffer("i2"),
    "asked again because the window changed": () => answered(60).schedule().inverseOffer("i2"),
    "asked again on a new stream": () => answered(60).close().subscribe().inverseOffer("i2"),
    "asked again about an agent that was away": () => answered(60).failure().wait(5_000).inverseOffer("i2"),
  },
  undecided: {
    "the answer met a change of the schedule": () =>
      cluster()
        .runTask("t1")
        .schedule()
        .inverseOffer("i1")
        .answerInverseOffer("i1", { refuseSeconds: 60 })
        .schedule()
        .rescindInverseOffer("i1")
        .inverseOffer("i2"),
  },
  bad: {
    "asked again too early": () => answered(10).wait(2_000).inverseOffer("i2"),
    "asked again before Mesos's own filter is over": () => answered().wait(2_000).inverseOffer("i2"),
    "a negative filter is the usual one": () => answered(-1).inverseOffer("i2"),
  },
});
