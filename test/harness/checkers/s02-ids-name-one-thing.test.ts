/** Ids that are given out once, and ids that are given out again. */

import { idsNameOneThing } from "../../../harness/checkers/s02-ids-name-one-thing.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(idsNameOneThing, {
  good: {
    "each offer has an id of its own": () => cluster().offer("o1").offer("o2", { agent: "A2" }),
    "a framework that subscribes again keeps its id": () => cluster().offer("o1").rescind("o1").close().subscribe(),
  },
  bad: {
    "an offer's id comes again for another agent": () => cluster().offer("o1").offer("o1", { agent: "A2" }),
    "a new leader gives an old offer's id to a new offer": () =>
      cluster().offer("o1").close().subscribe("f1", { master: "M2" }).offer("o1"),
    "two frameworks get one id": () =>
      cluster()
        .subscribe("f2")
        .close("f2")
        .subscribe("f3")
        .event("f3", { kind: "subscribed", frameworkId: "F1", heartbeatIntervalMs: 1_000, masterId: "M1" }),
  },
});
