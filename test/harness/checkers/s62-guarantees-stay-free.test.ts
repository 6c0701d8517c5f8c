/** What is guaranteed to a role that nobody is in, and what others get meanwhile. */

import { guaranteesStayFree } from "../../../harness/checkers/s62-guarantees-stay-free.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

type Outcome = Parameters<HistoryBuilder["order"]>[1];

/** Of the 8 cpus of the two agents. */
function guaranteed(history: HistoryBuilder, cpus: number, outcome?: Outcome): HistoryBuilder {
  const quotas = [{ role: "idle", guarantees: { cpus: cpus * 1_000 }, limits: {} }];
  return history.order({ kind: "updateQuota", quotas, force: true }, outcome).wait(5_000);
}

const offering = (cpus: number, role = "*"): Partial<LeaderSnapshot> => ({
  offers: [{ offerId: "o1", frameworkId: "F1", agentId: "A1", resources: [{ name: "cpus", milli: cpus * 1_000, role }] }],
});

const offered = (history: HistoryBuilder, cpus: number) => history.snapshot().offer("o1", { cpus }).snapshot(offering(cpus));

describeChecker(guaranteesStayFree, {
  good: {
    "others keep what they had": () => guaranteed(cluster().offer("o1"), 7).snapshot(offering(2)).wait(1_000).snapshot(offering(2)),
    "others get what is not lacking": () => offered(guaranteed(cluster(), 7), 1),
    "others get anything once it is met": () =>
      guaranteed(cluster(), 2).snapshot().offer("o1").snapshot(offering(2)).rescind("o1").wait(1_000).snapshot(),
  },
  undecided: {
    "those who lack it get some": () => guaranteed(cluster(), 7).snapshot().offer("o1").snapshot(offering(2, "idle")),
    "nobody knows whether it is guaranteed": () => offered(guaranteed(cluster(), 7, "info"), 2),
    "it was refused": () => offered(guaranteed(cluster(), 7, "fail"), 2),
    "somebody changes it meanwhile": () => guaranteed(guaranteed(cluster(), 7).snapshot(), 1, "open").offer("o1").snapshot(offering(2)),
    "there was a fault": () =>
      guaranteed(cluster(), 7).snapshot().fault("cut-agent", "agent-1").faultEnd().offer("o1").snapshot(offering(2)),
  },
  bad: {
    "others get what is lacking": () => offered(guaranteed(cluster(), 7), 2),
    "others get what is left of too little": () =>
      guaranteed(cluster().offer("o0"), 100).snapshot().offer("o1", { cpus: 1 }).snapshot(offering(1)),
  },
});
