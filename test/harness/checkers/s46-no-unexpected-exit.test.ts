/** Nodes that end, asked or not. */

import { noUnexpectedExit } from "../../../harness/checkers/s46-no-unexpected-exit.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const refused = { code: 3, expected: false };

function killedWhileLeaving(): HistoryBuilder {
  const history = cluster().fault("drain-now", "agent-1").fault("kill-agent", "agent-1").exited("agent-1", 0, { signal: "SIGKILL" });
  return history.started("agent-1", 1);
}

describeChecker(noUnexpectedExit, {
  good: {
    "an agent that an operator marked gone": () => cluster().markGone().exited("agent-1", 0, refused),
    "one that was drained to be gone, by an order whose outcome nobody knows": () =>
      cluster().drainAgent("A1", { markGone: true, outcome: "info" }).exited("agent-1", 0, refused),
    "a node that was killed by the harness": () => cluster().exited("agent-1", 0, { signal: "SIGKILL" }),
    "an agent that was killed while it left, came back, and was refused": () => killedWhileLeaving().exited("agent-1", 1, refused),
  },
  bad: {
    "an agent that was refused although nobody marked it gone": () => cluster().markGone("A1", "fail").exited("agent-1", 0, refused),
    "another agent than the one that was marked gone": () => cluster().markGone("A2").exited("agent-1", 0, refused),
    "an agent that was refused and never left": () => cluster().exited("agent-1", 0, refused),
    "an agent that was refused after it had come back as a new one": () =>
      killedWhileLeaving().registered("agent-1", "A3", 1).exited("agent-1", 1, refused),
    "a node that ended by itself": () => cluster().exited("master-1", 0, { code: 1, expected: false }),
    "a fatal line": () =>
      cluster().add({ kind: "fatal", node: "master-1", message: "invariant: offer O1 is outstanding but agent S1 is gone" }),
  },
});
