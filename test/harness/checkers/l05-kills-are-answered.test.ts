/** Kills with and without an answer. */

import { killsAreAnswered } from "../../../harness/checkers/l05-kills-are-answered.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

describeChecker(killsAreAnswered, {
  good: {
    "a killed task ends": () =>
      cluster().runTask("t1").kill("t1").wait(3_000).update("t1", "TASK_KILLED").acknowledge("t1", "TASK_KILLED").end(),
    "a task that an operator killed ends": () =>
      cluster().runTask("t1").orderKill("t1").wait(3_000).update("t1", "TASK_KILLED").acknowledge("t1", "TASK_KILLED").end(),
    "an unknown task is answered": () => cluster().kill("t9").masterUpdate("t9", "TASK_UNKNOWN", "REASON_RECONCILIATION").end(),
  },
  undecided: {
    "the launch may have been refused when an earlier stream closed": () =>
      cluster().offer("o1").accept("o1", "t1").close().subscribe("f1").wait(5_000).kill("t1").end(),
    "the KILL names another agent": () => cluster().runTask("t1").kill("t1", { agent: "A2" }).end(),
    "nobody knows whether the KILL was obeyed": () => cluster().runTask("t1").kill("t1", { outcome: "info" }).end(),
    "an operator is refused": () => cluster().runTask("t1").orderKill("t1", { outcome: "fail" }).end(),
    "the framework was away when the operator's order was obeyed": () => cluster().runTask("t1").close().orderKill("t1").end(),
    "the agent was paused": () => cluster().runTask("t1").kill("t1").fault("pause-agent", "agent-1").end(6_000),
  },
  bad: {
    "a killed task never ends": () => cluster().runTask("t1").kill("t1").end(),
    "a task that an operator killed never ends": () => cluster().runTask("t1").orderKill("t1", { graceMs: 500 }).end(),
    "a task that was killed as it was launched is never heard of": () => cluster().offer("o1").accept("o1", "t1").kill("t1").end(),
    "a longer grace does not excuse silence": () => cluster().runTask("t1").kill("t1", { graceMs: 10_000 }).end(),
    "an unknown task is not answered": () => cluster().kill("t9").end(),
  },
});
