/** What tells an old window goes before what tells the new one. */

import { oldWindowsAreTakenBack } from "../../../harness/checkers/s36-old-windows-are-taken-back.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

/** A task on agent-1, whose framework is asked. */
function asked(): HistoryBuilder {
  return cluster().runTask("t1").schedule().inverseOffer("i1").wait(5_000);
}

describeChecker(oldWindowsAreTakenBack, {
  good: {
    "the inverse offer is taken back before the new one comes": () => asked().schedule().rescindInverseOffer("i1").inverseOffer("i2"),
    "the schedule is cleared and the inverse offer is taken back": () => asked().schedule([]).rescindInverseOffer("i1").end(),
    "the agent leaves and the inverse offer is taken back": () =>
      asked().masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").rescindInverseOffer("i1").failure().end(),
    "the one before was answered": () => asked().answerInverseOffer("i1").schedule().inverseOffer("i2"),
    "the window comes back": () => {
      const first = asked();
      const windows = [{ machines: [{ hostname: "agent-1" }], unavailability: first.window }];
      const second = first.schedule().rescindInverseOffer("i1").inverseOffer("i2").wait(5_000);
      return second.plan(windows).rescindInverseOffer("i2").inverseOffer("i3");
    },
  },
  undecided: {
    "the stream went down before it could be said": () => asked().schedule([]).close().end(),
    "the agent is on its way out, because its machine is down": () =>
      asked()
        .startMaintenance()
        .schedule()
        .wait(4_000)
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .rescindInverseOffer("i1")
        .failure()
        .exited("agent-1", 0, { code: 3, expected: false })
        .end(),
    "nobody knows whether the schedule was cleared": () => asked().schedule([], { outcome: "info" }).end(),
  },
  bad: {
    "the new one comes first": () => asked().schedule().inverseOffer("i2").rescindInverseOffer("i1"),
    "an offer of the new window comes before the old one is taken back": () => {
      const changed = asked().schedule();
      return changed.offer("o1", { unavailability: changed.window }).rescindInverseOffer("i1");
    },
    "it is not taken back when the schedule is cleared": () => asked().schedule([]).end(),
    "it is not taken back when the agent leaves": () => asked().masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").failure().end(),
    "the old window comes again": () => {
      const first = asked();
      const { window } = first;
      const second = first.schedule().rescindInverseOffer("i1").inverseOffer("i2").wait(5_000).rescindInverseOffer("i2");
      return second.inverseOffer("i3", { unavailability: window });
    },
  },
});
