/** Refusals that are kept, taken back, and ignored. */

import { refusedResourcesStayAway } from "../../../harness/checkers/s09-refused-resources-stay-away.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(refusedResourcesStayAway, {
  good: {
    "offered again after the time": () => cluster().offer("o1").decline("o1", 5).wait(6_000).offer("o2").end(),
    "more than what was refused": () => cluster().offer("o1").decline("o1", 60).wait(3_000).offer("o2", { cpus: 3 }).end(),
    "offered again after REVIVE": () =>
      cluster().offer("o1").decline("o1", 60).call("f1", { kind: "revive", roles: [] }).wait(2_000).offer("o2").end(),
    "offered again after the agent was gone": () =>
      cluster().offer("o1").decline("o1", 60).wait(3_000).failure("A1").wait(3_000).offer("o2").end(),
    "another agent": () => cluster().offer("o1").decline("o1", 60).wait(3_000).offer("o2", { agent: "A2" }),
  },
  undecided: {
    "an offer that was on its way": () => cluster().offer("o1").decline("o1", 60).wait(100).offer("o2").end(),
    "a refusal that may not have arrived": () =>
      cluster()
        .offer("o1")
        .call("f1", { kind: "decline", offerIds: ["o1"], refuseSeconds: 60 }, "info")
        .wait(3_000)
        .offer("o2")
        .end(),
    "a new stream, which has no refusals": () => cluster().offer("o1").decline("o1", 60).close().subscribe().wait(3_000).offer("o2").end(),
    "an offer that was rescinded": () => cluster().offer("o1").rescind("o1").decline("o1", 60).wait(3_000).offer("o2").end(),
  },
  bad: {
    "the same offered again too early": () => cluster().offer("o1").decline("o1", 60).wait(3_000).offer("o2").end(),
    "the same offered again after another agent was gone": () =>
      cluster().offer("o1").decline("o1", 60).wait(3_000).failure("A2").wait(3_000).offer("o2").end(),
    "a part of it offered again too early": () => cluster().offer("o1").decline("o1", 60).wait(3_000).offer("o2", { cpus: 1 }).end(),
  },
});
