/** Offers and the windows of their machines. */

import { offersTellWindows } from "../../../harness/checkers/s39-offers-tell-windows.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(offersTellWindows, {
  good: {
    "the offer tells the window": () => {
      const planned = cluster().schedule(undefined, { durationMs: 5 });
      return planned.offer("o1", { unavailability: planned.window }).offer("o2", { agent: "A2" });
    },
    "before the operator has its answer": () => {
      const planned = cluster().schedule(undefined, { outcome: "open" });
      return planned.offer("o1", { unavailability: planned.window });
    },
    "an offer of before that was on its way": () => {
      const planned = cluster().schedule();
      return planned.offer("o0").rescind("o0").offer("o1", { unavailability: planned.window });
    },
  },
  undecided: {
    "nothing is scheduled": () => cluster().offer("o1"),
    "a cut of the master held the offer up": () =>
      cluster().offer("o0").fault("cut-master", "master-1").schedule().wait(5_000).faultEnd().offer("o1").rescind("o1"),
  },
  bad: {
    "the offer tells nothing": () => cluster().schedule().wait(5_000).offer("o1"),
    "the offer tells another start": () =>
      cluster()
        .schedule()
        .wait(5_000)
        .offer("o1", { unavailability: { startAtMs: 7 } }),
    "the offer tells another duration": () => {
      const planned = cluster().schedule(undefined, { durationMs: 5 }).wait(5_000);
      return planned.offer("o1", { unavailability: { startAtMs: planned.window.startAtMs } });
    },
    "the window was cancelled": () => {
      const planned = cluster().schedule();
      const { window } = planned;
      return planned.schedule([]).wait(5_000).offer("o1", { unavailability: window });
    },
    "nobody planned a window": () => cluster().offer("o1", { unavailability: { startAtMs: 7 } }),
  },
});
