/** Offers of reserved resources, to those whom they are for and to others. */

import { reservationsAreRespected } from "../../../harness/checkers/s52-reservations-are-respected.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(reservationsAreRespected, {
  good: {
    "an offer to the role": () => offered("web", "web"),
    "an offer to a role below": () => offered("web/ads", "web"),
  },
  bad: {
    "an offer to another role": () => offered("batch", "web"),
    "an offer to the role above": () => offered("web", "web/ads"),
    "an offer to a role whose name begins the same": () => offered("web", "we"),
  },
});

function offered(role: string, owner: string): HistoryBuilder {
  const resources = cpusAndMem(1).map((entry) => ({ ...entry, reservations: [{ role: owner, dynamic: true }] }));
  return cluster().event("f1", { kind: "offers", offers: [{ offerId: "o1", agentId: "A1", role, resources }] });
}
