/** What later leaders know of what clients were told. */

import { whatWasToldIsKept } from "../../../harness/checkers/s43-what-was-told-is-kept.ts";
import type { AgentSnapshot, LeaderSnapshot } from "../../../harness/history/event.ts";
import { agentTotal, cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const machine = { hostname: "agent-1" };
const other: AgentSnapshot = { agentId: "A2", hostname: "agent-2", active: true, total: agentTotal, allocated: [], offered: [] };

/** Another master leads, and the framework has subscribed again. */
function failOver(history: HistoryBuilder): HistoryBuilder {
  const away = history.exited("master-1").close().started("master-1", 1);
  return away.subscribe("f1", { master: "M2" }).registered("agent-1", "A1").registered("agent-2", "A2").wait(20_000);
}

/** The same while the agent agent-1 is not there. */
function failOverWithout(history: HistoryBuilder): HistoryBuilder {
  return history
    .exited("master-1")
    .close()
    .started("master-1", 1)
    .subscribe("f1", { master: "M2" })
    .registered("agent-2", "A2")
    .wait(20_000);
}

const later = (parts: Partial<LeaderSnapshot> = {}): Partial<LeaderSnapshot> => ({ masterId: "M2", term: 2, ...parts });
const withheld = { active: false, deactivated: true } as const;

function planned(): HistoryBuilder {
  return cluster().snapshot().schedule();
}

function scheduleOf({ window: unavailability }: HistoryBuilder) {
  return { kind: "schedule", windows: [{ machines: [machine], unavailability }] } as const;
}

describeChecker(whatWasToldIsKept, {
  good: {
    "the schedule outlives its leader": () => {
      const history = failOver(planned());
      return history.ask(scheduleOf(history));
    },
    "a machine that is down outlives its leader": () =>
      failOverWithout(planned().startMaintenance()).ask({ kind: "status", draining: [], down: [machine] }),
    "an order without an answer that was obeyed": () => {
      const history = cluster().schedule(undefined, { outcome: "info" });
      return history.ask(scheduleOf(history));
    },
    "an order without an answer that got lost": () =>
      cluster().schedule(undefined, { outcome: "info" }).ask({ kind: "schedule", windows: [] }),
    "an agent that is out of service stays so": () => failOver(cluster().snapshot().deactivate()).snapshot(later(), withheld),
    "an agent that is gone stays so": () => failOverWithout(cluster().snapshot().markGone().failure()).snapshot(later({ agents: [other] })),
    "agents are known": () => failOver(cluster().snapshot()).snapshot(later()),
    "agents are awaited": () => failOverWithout(cluster().snapshot()).snapshot(later({ agents: [other], recoveredAgentIds: ["A1"] })),
  },
  undecided: {
    "a leader that was cut off answered what was true before": () => {
      const history = planned();
      const { window } = history;
      const cut = history.fault("cut-master", "master-1").schedule([]);
      return cut.ask({ kind: "schedule", windows: [{ machines: [machine], unavailability: window }] });
    },
  },
  bad: {
    "the schedule is forgotten": () => failOver(planned()).ask({ kind: "schedule", windows: [] }),
    "another schedule is told": () =>
      failOver(planned()).ask({ kind: "schedule", windows: [{ machines: [machine], unavailability: { startAtMs: 7 } }] }),
    "that a machine is down is forgotten": () =>
      failOver(planned().startMaintenance()).ask({ kind: "status", draining: [{ machine, answers: [] }], down: [] }),
    "what was seen once is forgotten": () => {
      const history = cluster().schedule(undefined, { outcome: "info" });
      return failOver(history.ask(scheduleOf(history)).wait(20_000)).ask({ kind: "schedule", windows: [] });
    },
    "an agent that is out of service is active": () =>
      failOver(cluster().snapshot().deactivate()).snapshot(later(), { deactivated: false }),
    "a drain is forgotten": () => failOver(cluster().snapshot().drainAgent()).snapshot(later(), withheld),
    "an agent that is gone is awaited": () =>
      failOverWithout(cluster().snapshot().markGone().failure()).snapshot(later({ agents: [other], recoveredAgentIds: ["A1"] })),
    "an agent that was removed is awaited": () =>
      failOverWithout(cluster().runTask("t1").snapshot().masterUpdate("t1", "TASK_LOST", "REASON_AGENT_REMOVED").failure()).snapshot(
        later({ agents: [other], recoveredAgentIds: ["A1"] }),
      ),
    "an agent is not known": () => failOverWithout(cluster().snapshot()).snapshot(later({ agents: [other] })),
  },
});
