/** Inverse offers for the right window, to those who hold something. */

import { inverseOffersAskHolders } from "../../../harness/checkers/s35-inverse-offers-ask-holders.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const other = [{ hostname: "agent-2" }];

describeChecker(inverseOffersAskHolders, {
  good: {
    "a framework with a task is asked": () => cluster().runTask("t1").schedule().inverseOffer("i1"),
    "a framework with an offer is asked": () => {
      const planned = cluster().schedule();
      return planned.offer("o1", { unavailability: planned.window }).inverseOffer("i1");
    },
    // A swarm's other framework named the offer in a call: its launches were dropped, and the offer stayed where it was.
    "a framework whose offer another one tried to take is asked": () => {
      const planned = cluster().subscribe("f2").schedule();
      const offered = planned.offer("o1", { unavailability: planned.window }).accept("o1", "t2", { framework: "f2" });
      return offered.wait(5_000).inverseOffer("i1");
    },
    "before the operator has its answer": () => {
      const planned = cluster().runTask("t1").schedule(undefined, { outcome: "open" });
      return planned.inverseOffer("i1");
    },
    "a task that has just ended": () =>
      cluster().runTask("t1").update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED").schedule().inverseOffer("i1"),
  },
  undecided: {
    "nobody was asked": () => cluster().runTask("t1").schedule(other),
    "a cut of the master held the inverse offer up": () => {
      const asked = cluster().runTask("t1").schedule().fault("cut-master", "master-1").wait(1_000);
      const { window } = asked;
      return asked.schedule([]).wait(5_000).faultEnd().inverseOffer("i1", { unavailability: window }).rescindInverseOffer("i1");
    },
  },
  bad: {
    "the machine has no window": () => cluster().runTask("t1").schedule(other).wait(5_000).inverseOffer("i1"),
    "the window is another one": () =>
      cluster()
        .runTask("t1")
        .schedule()
        .wait(5_000)
        .inverseOffer("i1", { unavailability: { startAtMs: 7 } }),
    "the window was cancelled": () => {
      const cancelled = cluster().runTask("t1").schedule();
      const { window } = cancelled;
      return cancelled.schedule([]).wait(5_000).inverseOffer("i1", { unavailability: window });
    },
    "the framework has nothing there": () => cluster().schedule().wait(5_000).inverseOffer("i1"),
    "it declined what it was offered": () => {
      const planned = cluster().schedule();
      return planned.offer("o1", { unavailability: planned.window }).decline("o1", 60).wait(5_000).inverseOffer("i1");
    },
    "its task there ended for good": () =>
      cluster().runTask("t1").update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED").schedule().wait(5_000).inverseOffer("i1"),
  },
});
