/** Frameworks that stay away for too long. */

import { expiredFrameworksRemoved } from "../../../harness/checkers/l12-expired-frameworks-removed.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const listed = { frameworkId: "F1", active: false, connected: false };

describeChecker(expiredFrameworksRemoved, {
  good: {
    "removed after its timeout": () => cluster().close().wait(110_000).snapshot({ frameworks: [] }),
    "refused after its timeout": () => cluster().close().wait(110_000).subscribe("f1", { refused: "framework has been removed" }),
  },
  undecided: {
    "it came back in time": () => cluster().close().wait(50_000).subscribe("f1").wait(60_000).snapshot(),
    "a master failed meanwhile": () =>
      cluster()
        .close()
        .exited("master-1")
        .started("master-1", 1)
        .wait(110_000)
        .snapshot({ frameworks: [listed] }),
  },
  bad: {
    "listed after its timeout": () =>
      cluster()
        .close()
        .wait(110_000)
        .snapshot({ frameworks: [listed] }),
    "back after its timeout": () => cluster().close().wait(110_000).subscribe("f1"),
  },
});
