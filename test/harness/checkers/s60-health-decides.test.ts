/** Ends by health checks beside what the checks found. */

import { healthDecides } from "../../../harness/checkers/s60-health-decides.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const watch = {
  kind: "command",
  delayMs: 0,
  intervalMs: 1_000,
  timeoutMs: 500,
  purposes: ["health"],
  gracePeriodMs: 0,
  failuresMax: 2,
} as const;

/** A task with a health check, and what that finds, a second apart. */
function looked(outcomes: readonly ("pass" | "fail" | "hang" | "error")[], more: { readonly gracePeriodMs?: number } = {}): HistoryBuilder {
  const history = cluster().runTask("t1", { watch: { ...watch, ...more } });
  for (const outcome of outcomes) history.wait(1_000).look("t1", "health", outcome);
  return history;
}

const killed = (history: HistoryBuilder) =>
  history.wait(100).update("t1", "TASK_KILLED", { healthy: false }).acknowledge("t1", "TASK_KILLED");

describeChecker(healthDecides, {
  good: {
    "killed after two failures in a row": () => killed(looked(["pass", "fail", "pass", "fail", "hang"])).end(),
    "an error of the agent between them says nothing": () => killed(looked(["fail", "error", "fail"])).end(),
    "failures in the grace period do not count": () =>
      killed(looked(["fail", "fail", "fail", "fail", "fail"], { gracePeriodMs: 3_900 })).end(),
  },
  undecided: {
    "failures with a success between them": () => looked(["fail", "pass", "fail", "pass"]).end(),
    "killed on request while it was unhealthy": () => looked(["fail"]).kill("t1").update("t1", "TASK_KILLED", { healthy: false }),
    "the agent stood still": () =>
      killed(looked(["fail", "pass"]).fault("pause-agent", "agent-1").wait(10_000).faultEnd().look("t1", "health", "pass")),
  },
  bad: {
    "killed after one failure": () => killed(looked(["pass", "fail"])),
    "killed after two failures that were not in a row": () => killed(looked(["fail", "pass", "fail"])),
    "killed for failures in the grace period": () => killed(looked(["fail", "fail"], { gracePeriodMs: 60_000 })),
    "is looked at once more than it may fail": () => killed(looked(["pass", "fail", "fail", "fail"])),
    "fails and runs on": () => looked(["fail", "fail", "fail"]).end(),
  },
});
