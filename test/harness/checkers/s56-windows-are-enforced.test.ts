/** What the start of a window takes. */

import { windowsAreEnforced } from "../../../harness/checkers/s56-windows-are-enforced.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const maintenance = { mode: "enforce", revocationGraceMs: 2_000, wallSkewMaxMs: 100 } as const;

/** A task on a machine whose window begins in a second. */
function begun(mode: "enforce" | "operator" = "enforce"): HistoryBuilder {
  const history = cluster({ maintenance: { ...maintenance, mode } })
    .runTask("t1")
    .schedule(undefined, { startsInMs: 1_000 });
  return history.inverseOffer("i1").wait(1_000);
}

/** The same, and no master runs when it begins. */
function begunUnseen(): HistoryBuilder {
  const history = cluster({ maintenance }).runTask("t1").schedule(undefined, { startsInMs: 1_000 }).wait(900);
  const later = history.exited("master-1").close().wait(400).started("master-1", 1).wait(1_000);
  return later.subscribe("f1", { master: "M2" }).registered("agent-1", "A1");
}

function killed(history: HistoryBuilder): HistoryBuilder {
  return history
    .rescindInverseOffer("i1")
    .ledger("t1", "end", { exitCode: 143 })
    .update("t1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" })
    .acknowledge("t1", "TASK_KILLED");
}

describeChecker(windowsAreEnforced, {
  good: {
    "the task is killed and that is told": () => killed(begun()).end(),
    "the agent is out of service": () => killed(begun()).wait(20_000).snapshot({}, { active: false, deactivated: true }),
    // A swarm looked at the leader just when it had taken the machine DOWN, which ended the taking, and the agent was about to end.
    "the machine goes DOWN": () => killed(begun()).wait(20_000).startMaintenance().snapshot({}, { deactivated: false }),
    "a later master makes up for it": () => killed(begunUnseen()).wait(60_000).snapshot({}, { active: false, deactivated: true }),
    "the task goes with its agent": () =>
      begun()
        .rescindInverseOffer("i1")
        .wait(12_000)
        .masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED")
        .failure()
        .exited("agent-1", 0, { code: 3, expected: false })
        .end(),
  },
  undecided: {
    "the next master has not had the time to see that the window has begun": () =>
      begunUnseen().snapshot({}, { deactivated: false }).wait(1_000).snapshot({}, { deactivated: false }),
    "the operator decides": () => begun("operator").rescindInverseOffer("i1").wait(60_000).ledger("t1", "beat").end(),
    "the window was cancelled in time": () =>
      cluster({ maintenance })
        .runTask("t1")
        .schedule(undefined, { startsInMs: 5_000 })
        .schedule([])
        .wait(60_000)
        .ledger("t1", "beat")
        .offer("o1"),
    "the master was away": () => begun().exited("master-1").close().wait(15_000).ledger("t1", "beat"),
  },
  bad: {
    "the task runs on": () => begun().rescindInverseOffer("i1").wait(60_000).ledger("t1", "beat"),
    "its end is not told": () => begun().rescindInverseOffer("i1").ledger("t1", "end", { exitCode: 143 }).end(),
    "a later leader offers the machine": () => {
      const history = killed(begun());
      const later = history.wait(20_000).exited("master-1").close().started("master-1", 1).wait(1_000).subscribe("f1", { master: "M2" });
      return later.registered("agent-1", "A1").offer("o1", { unavailability: history.window });
    },
    "the agent is in service": () => killed(begun()).wait(20_000).snapshot({}, { deactivated: false }),
    "the agent is in service under a master that came too late for the start": () =>
      begunUnseen().wait(60_000).snapshot({}, { deactivated: false }),
    "the machine is offered": () => {
      const history = killed(begun());
      return history.wait(20_000).offer("o1", { unavailability: history.window });
    },
  },
});
