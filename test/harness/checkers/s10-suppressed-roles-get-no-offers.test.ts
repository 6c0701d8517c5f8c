/** Roles that are suppressed, and offers that come all the same. */

import { suppressedRolesGetNoOffers } from "../../../harness/checkers/s10-suppressed-roles-get-no-offers.ts";
import type { CallJson } from "../../../harness/history/event.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const suppress: CallJson = { kind: "suppress", roles: [] };
const suppressByUpdate = update(["*"]);

function update(suppressedRoles: readonly string[]): CallJson {
  return { kind: "updateFramework", failoverTimeoutMs: 100_000, partitionAware: true, roles: ["*"], suppressedRoles };
}

describeChecker(suppressedRolesGetNoOffers, {
  good: {
    "no offer": () => cluster().call("f1", suppress).end(),
    "an offer after REVIVE": () =>
      cluster()
        .call("f1", suppress)
        .call("f1", { kind: "revive", roles: ["*"] })
        .wait(2_000)
        .offer("o1")
        .end(),
    "an offer after an update that suppresses nothing": () =>
      cluster().call("f1", suppressByUpdate).wait(2_000).call("f1", update([])).wait(2_000).offer("o1").end(),
    "another role": () =>
      cluster()
        .call("f1", { kind: "suppress", roles: ["web"] })
        .wait(2_000)
        .offer("o1")
        .end(),
    "an offer on a new stream": () => cluster().call("f1", suppress).close().subscribe().wait(2_000).offer("o1").end(),
  },
  undecided: {
    "an offer that was on its way": () => cluster().call("f1", suppress).wait(100).offer("o1").end(),
    "a SUPPRESS that may not have arrived": () => cluster().call("f1", suppress, "info").wait(2_000).offer("o1").end(),
    "a REVIVE that may have arrived": () =>
      cluster().call("f1", suppress).call("f1", { kind: "revive", roles: [] }, "info").wait(2_000).offer("o1").end(),
  },
  bad: {
    "an offer after SUPPRESS": () => cluster().call("f1", suppress).wait(2_000).offer("o1").end(),
    "an offer after an UPDATE_FRAMEWORK that suppresses": () => cluster().call("f1", suppressByUpdate).wait(2_000).offer("o1").end(),
    "an offer after a REVIVE that was refused": () =>
      cluster()
        .call("f1", suppress)
        .call("f1", { kind: "revive", roles: ["x"] }, "fail")
        .wait(2_000)
        .offer("o1")
        .end(),
  },
});
