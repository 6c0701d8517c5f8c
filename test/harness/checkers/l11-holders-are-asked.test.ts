/** Frameworks with tasks on scheduled machines. */

import { holdersAreAsked } from "../../../harness/checkers/l11-holders-are-asked.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function planned(startsInMs = 1_000_000): HistoryBuilder {
  return cluster().runTask("t1").wait(5_000).schedule(undefined, { startsInMs });
}

function answered(refuseSeconds: number): HistoryBuilder {
  return planned().inverseOffer("i1").wait(5_000).answerInverseOffer("i1", { refuseSeconds });
}

/** The task is seen alive long after. */
function beatAtEnd(history: HistoryBuilder): HistoryBuilder {
  return history.wait(60_000).ledger("t1", "beat").end();
}

describeChecker(holdersAreAsked, {
  good: {
    "who has a task is asked": () => beatAtEnd(planned().inverseOffer("i1")),
    "who answered is asked again": () => beatAtEnd(answered(10).wait(11_000).inverseOffer("i2")),
    "who gets a task later is asked": () => {
      const early = cluster().schedule();
      const { window } = early;
      const running = early
        .offer("o-t1", { unavailability: window })
        .accept("o-t1", "t1")
        .ledger("t1", "start")
        .update("t1", "TASK_RUNNING")
        .acknowledge("t1", "TASK_RUNNING");
      return beatAtEnd(running.inverseOffer("i1"));
    },
  },
  undecided: {
    "another machine is scheduled": () =>
      cluster()
        .runTask("t1")
        .schedule([{ hostname: "agent-2" }])
        .wait(60_000)
        .ledger("t1", "beat")
        .end(),
    // A swarm's group fell while its framework acknowledged nothing, so that no end was told.
    "the task had died before, and nobody was told": () => planned().end(),
    "the task ends just then": () => planned().update("t1", "TASK_FINISHED").acknowledge("t1", "TASK_FINISHED").end(),
    "the window begins at once": () =>
      cluster({ maintenance: { mode: "enforce", revocationGraceMs: 0, wallSkewMaxMs: 0 } })
        .runTask("t1")
        .schedule(undefined, { startsInMs: 0 })
        .ledger("t1", "end", { exitCode: 143 })
        .update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" })
        .acknowledge("t1", "TASK_KILLED")
        .end(),
    "the agent is deactivated": () => beatAtEnd(cluster().runTask("t1").deactivate().schedule()),
    "the framework went away": () => beatAtEnd(planned().close()),
  },
  bad: {
    "who has a task is not asked": () => beatAtEnd(planned()),
    "who answered is not asked again": () => beatAtEnd(answered(10)),
    "who has a task is asked about another agent": () => beatAtEnd(planned().inverseOffer("i1", { agent: "A2" })),
  },
});
