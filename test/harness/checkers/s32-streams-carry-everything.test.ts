/** What streams begin with, and offers that the leader has out. */

import { streamsCarryEverything } from "../../../harness/checkers/s32-streams-carry-everything.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import { cluster, cpusAndMem, emptyHistory, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** The leader says that it has one offer out. */
function out(history: HistoryBuilder): HistoryBuilder {
  const offer: LeaderSnapshot["offers"][number] = { offerId: "o1", frameworkId: "F1", agentId: "A1", resources: cpusAndMem(2) };
  const agents = [{ agentId: "A1", hostname: "A1", active: true, total: cpusAndMem(2), allocated: [], offered: cpusAndMem(2) }];
  return history.snapshot({ offers: [offer], agents });
}

describeChecker(streamsCarryEverything, {
  good: {
    "SUBSCRIBED, then what there is": () => out(cluster().offer("o1")).end(5_000),
    "a refused subscription begins with ERROR": () => cluster().subscribe("f2", { refused: "no such role" }).close("f2"),
    "the offer is on its way": () => out(cluster()).offer("o1").end(5_000),
    "the stream closed before the offer could come": () => out(cluster()).close().end(500),
  },
  bad: {
    "an offer comes first": () => emptyHistory().started("master-1", 0).offer("o1"),
    "an offer that is out never came": () => out(cluster()).end(5_000),
  },
});
