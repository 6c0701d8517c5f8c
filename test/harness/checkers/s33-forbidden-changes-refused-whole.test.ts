/** Updates that must be refused, and what is left of them. */

import { forbiddenChangesRefusedWhole } from "../../../harness/checkers/s33-forbidden-changes-refused-whole.ts";
import type { CallJson, ForbiddenChange } from "../../../harness/history/event.ts";
import type { HistoryBuilder } from "../history-builder.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function update(roles: readonly string[], forbidden?: ForbiddenChange): CallJson {
  const change = forbidden === undefined ? {} : { forbidden };
  return { kind: "updateFramework", failoverTimeoutMs: 100_000, partitionAware: true, roles, suppressedRoles: [], ...change };
}

function listed(history: HistoryBuilder, ...roles: readonly string[]): HistoryBuilder {
  return history.wait(2_000).snapshot({ frameworks: [{ frameworkId: "F1", active: true, connected: true, roles }] });
}

describeChecker(forbiddenChangesRefusedWhole, {
  good: {
    "refused, and the roles are as before": () => listed(cluster().call("f1", update(["web"], "user"), "fail"), "*"),
    "refused after one that was taken": () =>
      listed(
        cluster()
          .call("f1", update(["web"]))
          .call("f1", update(["batch"], "principal"), "fail"),
        "web",
      ),
    "refused beside one that may have been taken": () =>
      listed(
        cluster()
          .call("f1", update(["web"]), "info")
          .call("f1", update(["batch"], "checkpoint"), "fail"),
        "web",
      ),
  },
  undecided: {
    "nobody knows whether it was refused": () => listed(cluster().call("f1", update(["web"], "user"), "info"), "*"),
    "the leader was asked at once": () =>
      cluster()
        .call("f1", update(["web"], "user"), "fail")
        .call("f1", update(["batch"]))
        .snapshot({ frameworks: [{ frameworkId: "F1", active: true, connected: true, roles: ["*"] }] }),
  },
  bad: {
    "a change of the user is taken": () => cluster().call("f1", update(["*"], "user")),
    "refused, and its roles hold": () =>
      listed(
        cluster()
          .call("f1", update(["*"]))
          .call("f1", update(["web"], "user"), "fail"),
        "web",
      ),
  },
});
