/** Quotas and weights, over time and over failovers. */

import { quotasHold } from "../../../harness/checkers/s48-quotas-hold.ts";
import type { LeaderSnapshot } from "../../../harness/history/event.ts";
import type { AmountsJson } from "../../../harness/history/role-json.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

type Outcome = Parameters<HistoryBuilder["order"]>[1];

/** The role of the built framework gets a limit. */
function limited(history: HistoryBuilder, limits: AmountsJson, outcome?: Outcome): HistoryBuilder {
  return history.order({ kind: "updateQuota", quotas: [{ role: "*", guarantees: {}, limits }], force: true }, outcome);
}

function weighed(history: HistoryBuilder, weight: number): HistoryBuilder {
  return history.order({ kind: "updateWeights", weights: [{ role: "*", weight }] });
}

/** Another master leads, and the framework has subscribed again. */
function failOver(history: HistoryBuilder): HistoryBuilder {
  const away = history.exited("master-1").close().started("master-1", 1);
  return away.subscribe("f1", { master: "M2" }).registered("agent-1", "A1").registered("agent-2", "A2");
}

const cpus = (amount: number) => [{ name: "cpus", milli: amount * 1_000, role: "*" }];

/** A framework whose task t9 holds a cpu. */
const busy = (): HistoryBuilder => cluster().runTask("t9");

/** It is offered so many cpus more, and the leader says what is offered to the role, and what its task is. */
function offered(history: HistoryBuilder, offeredCpus: number, state = "TASK_RUNNING"): HistoryBuilder {
  return history.wait(5_000).offer("o9", { cpus: offeredCpus }).snapshot(holding(offeredCpus, state));
}

function holding(offeredCpus: number | undefined, state = "TASK_RUNNING"): Partial<LeaderSnapshot> {
  const base = { frameworkId: "F1", agentId: "A1" };
  return {
    offers: offeredCpus === undefined ? [] : [{ ...base, offerId: "o9", resources: cpus(offeredCpus) }],
    tasks: [{ ...base, taskId: "t9", state, resources: cpus(1) }],
  };
}

const two = { cpus: 2_000 };
const said = (limits: AmountsJson) => ({ kind: "quotas", quotas: [{ role: "*", guarantees: {}, limits }] }) as const;

describeChecker(quotasHold, {
  good: {
    "offers up to the limit": () => offered(limited(busy(), two), 1),
    "tasks beyond a limit that was lowered, without offers": () => limited(busy(), { cpus: 500 }).wait(5_000).snapshot(holding(undefined)),
    "a task that has ended holds nothing": () => {
      const ended = limited(busy(), two).ledger("t9", "end", { exitCode: 0 }).update("t9", "TASK_FINISHED");
      return ended.offer("o9").snapshot(holding(2, "TASK_FINISHED")).acknowledge("t9", "TASK_FINISHED");
    },
    "another name is not limited": () => offered(limited(busy(), { gpus: 0 }), 2),
    "an offer that was on its way": () => limited(cluster(), two).offer("o1", { cpus: 4 }).rescind("o1"),
    "an offer after the quota ended": () => limited(limited(cluster(), two).wait(5_000), {}).offer("o1", { cpus: 4 }).rescind("o1"),
    "an offer while somebody ends the quota": () =>
      limited(limited(cluster(), two).wait(5_000), {}, "open").offer("o1", { cpus: 4 }).rescind("o1"),
    "every leader says it": () => failOver(limited(cluster(), two)).ask(said(two)),
    "a guarantee of nothing is none": () =>
      cluster()
        .order({ kind: "setQuota", role: "*", amounts: { cpus: 0 }, force: false })
        .ask(said({ cpus: 0 })),
    "a weight that every leader says": () => failOver(weighed(cluster(), 2)).ask({ kind: "weights", weights: [{ role: "*", weight: 2 }] }),
    "a weight of 1 is none": () => weighed(weighed(cluster(), 2), 1).ask({ kind: "weights", weights: [] }),
  },
  undecided: {
    "nobody knows whether the order was obeyed": () => offered(limited(busy(), two, "info"), 3),
    "nobody knows whether another order was obeyed later": () => offered(limited(limited(busy(), {}, "info"), two), 3),
    "the order was refused": () => offered(limited(busy(), two, "fail"), 3).ask({ kind: "quotas", quotas: [] }),
    "the machine let a look of the time before be written down late": () =>
      limited(busy().offer("o9"), two).wait(900).stall("harness", 800).snapshot(holding(2)).rescind("o9"),
  },
  bad: {
    "an offer is beyond the limit": () => limited(cluster(), two).wait(5_000).offer("o1", { cpus: 3 }),
    "an offer of the next leader is": () => failOver(limited(cluster(), two)).offer("o1", { cpus: 3 }),
    "an offer lifts the role above it, by the leader's word": () => offered(limited(busy(), two), 2),
    "what is reserved for the role does not count": () =>
      limited(busy(), two)
        .wait(5_000)
        .snapshot(holding(1), { total: [{ name: "cpus", milli: 1_000, reservations: [{ role: "*", dynamic: true }] }] }),
    "a leader has forgotten it": () => failOver(limited(cluster(), two)).ask({ kind: "quotas", quotas: [] }),
    "a leader says another one": () => limited(cluster(), two).ask(said({ cpus: 3_000 })),
    "a quota that was removed is still there": () => limited(cluster(), two).order({ kind: "removeQuota", role: "*" }).ask(said(two)),
    "a leader has forgotten a weight": () => failOver(weighed(cluster(), 2)).ask({ kind: "weights", weights: [] }),
  },
});
