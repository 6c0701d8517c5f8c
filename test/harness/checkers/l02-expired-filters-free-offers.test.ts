/** Declined offers that come back, or never do. */

import { expiredFiltersFreeOffers } from "../../../harness/checkers/l02-expired-filters-free-offers.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(expiredFiltersFreeOffers, {
  good: {
    "offered again after the refusal": () => cluster().offer("o1").decline("o1", 5).wait(6_000).offer("o2").end(),
    "offered again after REVIVE": () =>
      cluster().offer("o1").decline("o1", 3_600).call("f1", { kind: "revive", roles: [] }).wait(1_000).offer("o2").end(),
    "offered to another framework": () =>
      cluster().subscribe("f2").offer("o1").decline("o1", 5).wait(1_000).offer("o2", { framework: "f2" }).end(),
  },
  undecided: {
    "the agent was deactivated": () => cluster().offer("o1").decline("o1", 5).deactivate().end(),
    "the refusal is not over": () => cluster().offer("o1").decline("o1", 3_600).end(),
    "the framework left": () => cluster().offer("o1").decline("o1", 5).close().end(),
    "the agent crashed": () => cluster().offer("o1").decline("o1", 5).exited("agent-1", 0, { signal: "SIGKILL" }).end(),
    "nobody knows whether the DECLINE was obeyed": () =>
      cluster()
        .offer("o1")
        .call("f1", { kind: "decline", offerIds: ["o1"], refuseSeconds: 5 }, "info")
        .end(),
  },
  bad: {
    "not offered again by an agent that was deactivated before": () =>
      cluster().deactivate().reactivate().wait(5_000).offer("o1").decline("o1", 5).end(),
    "not offered again after the refusal": () => cluster().offer("o1").decline("o1", 5).end(),
    "a negative refusal means five seconds": () => cluster().offer("o1").decline("o1", -1).end(),
    "not offered again after REVIVE": () => cluster().offer("o1").decline("o1", 3_600).call("f1", { kind: "revive", roles: [] }).end(),
  },
});
