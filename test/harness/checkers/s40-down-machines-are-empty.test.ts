/** Machines that are down, their agents and their tasks. */

import { downMachinesAreEmpty } from "../../../harness/checkers/s40-down-machines-are-empty.ts";
import { agentTotal, cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const refused = { code: 3, expected: false } as const;
const lone = { agentId: "A2", hostname: "agent-2", active: true, total: agentTotal, allocated: [], offered: [] };
const host = { hostname: "agent-1" };

/** Down, with a task on it. */
function down(history = cluster().runTask("t1").schedule()): HistoryBuilder {
  return history.startMaintenance();
}

/** The agent ends, and that is told. */
function left(history: HistoryBuilder): HistoryBuilder {
  return history.masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").failure().exited("agent-1", 0, refused);
}

describeChecker(downMachinesAreEmpty, {
  good: {
    "the agent ends, its task is lost and it stays away": () =>
      left(down())
        .wait(10_000)
        .snapshot({ agents: [lone] }),
    "its node is started again, refused, and let in when the machine is up": () =>
      left(down())
        .started("agent-1", 1)
        .exited("agent-1", 1, refused)
        .wait(10_000)
        .stopMaintenance()
        .started("agent-1", 2)
        .registered("agent-1", "A3", 2),
    "let in while the order to take it up is on its way": () =>
      left(down()).started("agent-1", 1).stopMaintenance(undefined, "open").registered("agent-1", "A3", 1),
    "the task of an agent that was unreachable ends, too": () => {
      const away = cluster().runTask("t1").schedule().fault("cut-agent", "agent-1").wait(10_000);
      return down(away.masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { message: "unreachable" }).failure())
        .masterUpdate("t1", "TASK_GONE_BY_OPERATOR", "REASON_AGENT_REMOVED_BY_OPERATOR")
        .end();
    },
  },
  undecided: {
    "nobody knows whether it is down": () => cluster().runTask("t1").schedule().startMaintenance(undefined, "info").end(),
    "the master was away meanwhile": () => down().exited("master-1").close().end(),
  },
  bad: {
    "its agent is listed": () => left(down()).wait(10_000).snapshot({}, host),
    "a new agent registers": () => left(down()).started("agent-1", 1).registered("agent-1", "A3", 1),
    "its task is not announced": () => down().failure().exited("agent-1", 0, refused).end(),
    "its task runs on": () => down().masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").failure().wait(8_000).ledger("t1", "beat"),
    "the task of an agent that was unreachable stays so": () => {
      const away = cluster().runTask("t1").schedule().fault("cut-agent", "agent-1").wait(10_000);
      return down(away.masterUpdate("t1", "TASK_UNREACHABLE", "REASON_AGENT_REMOVED", { message: "unreachable" }).failure()).end();
    },
  },
});
