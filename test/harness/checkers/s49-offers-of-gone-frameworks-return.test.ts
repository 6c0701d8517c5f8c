/** Offers that wait for frameworks, connected or not. */

import { offersOfGoneFrameworksReturn } from "../../../harness/checkers/s49-offers-of-gone-frameworks-return.ts";
import { cluster, cpusAndMem } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const left = [{ frameworkId: "F1", active: false, connected: false }];
const offer = { offerId: "o1", frameworkId: "F1", agentId: "A1", resources: cpusAndMem(1) };

describeChecker(offersOfGoneFrameworksReturn, {
  good: {
    "no offer for one that left": () => cluster().close().wait(2_000).snapshot({ frameworks: left }),
  },
  bad: {
    "an offer waits for one that left": () =>
      cluster()
        .close()
        .wait(2_000)
        .snapshot({ frameworks: left, offers: [offer] }),
    "an offer waits for one that is not listed": () =>
      cluster()
        .close()
        .wait(200_000)
        .snapshot({ frameworks: [], offers: [offer] }),
  },
});
