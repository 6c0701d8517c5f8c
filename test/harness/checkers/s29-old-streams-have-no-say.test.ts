/** Calls in the name of a stream that a newer one replaced. */

import { oldStreamsHaveNoSay } from "../../../harness/checkers/s29-old-streams-have-no-say.ts";
import type { CallJson } from "../../../harness/history/event.ts";
import type { HistoryBuilder } from "../history-builder.ts";
import { cluster, cpusAndMem } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const kill: CallJson = { kind: "kill", taskId: "nobody" };
const launch: CallJson = {
  kind: "accept",
  offerIds: ["o1"],
  tasks: [{ taskId: "t1", agentId: "A1", resources: cpusAndMem(1), command: "sleep" }],
  refuseSeconds: 5,
};

function cameBack(): HistoryBuilder {
  return cluster().close().subscribe();
}

describeChecker(oldStreamsHaveNoSay, {
  good: {
    refused: () => cameBack().call("f1", kill, "fail", "f1-1").end(),
    "no answer and no effect": () => cameBack().call("f1", launch, "info", "f1-1").end(),
  },
  undecided: {
    "the stream that is live": () => cameBack().call("f1", { kind: "revive", roles: [] }, "ok", "f1-2").end(),
    "before the new stream began": () => cluster().call("f1", { kind: "revive", roles: [] }, "ok", "f1-1").close().subscribe().end(),
  },
  bad: {
    obeyed: () => cameBack().call("f1", kill, "ok", "f1-1").end(),
    "refused, with effect": () => cameBack().offer("o1").call("f1", launch, "fail", "f1-1").ledger("t1", "start").end(),
  },
});
