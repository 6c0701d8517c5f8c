/** Agents out of service, over time and over failovers. */

import { withheldAgentsStaySo } from "../../../harness/checkers/s27-withheld-agents-stay-so.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const deactivated = { active: false, deactivated: true } as const;

/** Another master leads, and the framework has subscribed again. */
function failOver(history: HistoryBuilder): HistoryBuilder {
  const away = history.exited("master-1").close().started("master-1", 1);
  return away.subscribe("f1", { master: "M2" }).registered("agent-1", "A1").registered("agent-2", "A2");
}

describeChecker(withheldAgentsStaySo, {
  good: {
    "a deactivated agent stays so": () => cluster().deactivate().wait(5_000).snapshot({}, deactivated).offer("o1", { agent: "A2" }),
    "also when another master leads": () => failOver(cluster().deactivate()).snapshot({}, deactivated),
    "an offer that was on its way": () => cluster().deactivate().offer("o1").rescind("o1").end(),
    "an offer after it was taken back": () =>
      cluster().deactivate().wait(5_000).reactivate().offer("o1").snapshot({}, { deactivated: false }),
    "an offer between the request to take it back and the answer": () =>
      cluster().deactivate().wait(5_000).reactivate("A1", "open").offer("o1"),
    "a drain that goes on": () =>
      cluster()
        .drainAgent()
        .wait(5_000)
        .snapshot({}, { ...deactivated, drain: { phase: "drained", markGone: false } }),
  },
  undecided: {
    "the machine let a look of the time before be written down late": () =>
      cluster().deactivate().wait(900).stall("harness", 800).snapshot({}, { deactivated: false }),
    "nobody knows whether the order was obeyed": () => cluster().deactivate("A1", "info").wait(5_000).offer("o1").snapshot(),
    "an offer that a cut of the master held up": () =>
      cluster().offer("o0").fault("cut-master", "master-1").deactivate("A1", "open").wait(5_000).faultEnd().offer("o1").rescind("o1"),
  },
  bad: {
    "the leader says so long after the machine was slow": () =>
      cluster().deactivate().wait(900).stall("harness", 800).wait(5_000).snapshot({}, { deactivated: false }),
    "the leader says that it is active": () => cluster().deactivate().snapshot({}, { deactivated: false }),
    "the next leader has forgotten it": () => failOver(cluster().deactivate()).snapshot({}, { deactivated: false }),
    "the next leader has forgotten the drain": () => failOver(cluster().drainAgent()).snapshot({}, deactivated),
    "it is offered": () => cluster().deactivate().wait(5_000).offer("o1"),
    "it is offered by the next leader": () => failOver(cluster().drainAgent()).offer("o1"),
    "an agent that is gone is offered": () => cluster().markGone().failure().wait(5_000).offer("o1"),
  },
});
