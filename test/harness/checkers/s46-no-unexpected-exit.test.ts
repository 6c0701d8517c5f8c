/** Nodes that end, asked or not. */

import { noUnexpectedExit } from "../../../harness/checkers/s46-no-unexpected-exit.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(noUnexpectedExit, {
  good: {
    "a node that was killed by the harness": () => cluster().exited("agent-1", 0, { signal: "SIGKILL" }),
  },
  bad: {
    "a node that ended by itself": () => cluster().exited("master-1", 0, { code: 1, expected: false }),
    "a fatal line": () =>
      cluster().add({ kind: "fatal", node: "master-1", message: "invariant: offer O1 is outstanding but agent S1 is gone" }),
  },
});
