/** Calls right behind each other on one stream. */

import { callsTakeEffectInOrder } from "../../../harness/checkers/s34-calls-take-effect-in-order.ts";
import type { CallJson } from "../../../harness/history/event.ts";
import { cluster, cpusAndMem, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

function launch(taskId: string): CallJson {
  return {
    kind: "accept",
    offerIds: ["o1"],
    tasks: [{ taskId, agentId: "A1", resources: cpusAndMem(1), command: "sleep" }],
    refuseSeconds: 5,
  };
}

/** Both calls go out before either is answered. */
function sideBySide(history: HistoryBuilder, first: CallJson, second: CallJson): HistoryBuilder {
  return history
    .add({ kind: "invoke", call: 90, framework: "f1", streamId: "f1-1", body: first })
    .add({ kind: "invoke", call: 91, framework: "f1", streamId: "f1-1", body: second })
    .add({ kind: "ok", call: 90 })
    .add({ kind: "ok", call: 91 });
}

const twice = (): HistoryBuilder => sideBySide(cluster().offer("o1"), launch("t1"), launch("t2"));
const killed = (): HistoryBuilder => sideBySide(cluster().offer("o1"), launch("t1"), { kind: "kill", taskId: "t1", agentId: "A1" });

function runs(history: HistoryBuilder, taskId: string): HistoryBuilder {
  return history.ledger(taskId, "start").update(taskId, "TASK_RUNNING").acknowledge(taskId, "TASK_RUNNING");
}

describeChecker(callsTakeEffectInOrder, {
  good: {
    "the first ACCEPT wins": () => runs(twice().masterUpdate("t2", "TASK_DROPPED", "REASON_INVALID_OFFERS"), "t1").end(5_000),
    "a KILL right behind the launch kills": () => killed().update("t1", "TASK_KILLED").acknowledge("t1", "TASK_KILLED").end(),
  },
  bad: {
    "the second ACCEPT wins": () => runs(twice().masterUpdate("t1", "TASK_DROPPED", "REASON_INVALID_OFFERS"), "t2").end(5_000),
    "the KILL came before the launch": () => runs(killed(), "t1").end(),
  },
});
