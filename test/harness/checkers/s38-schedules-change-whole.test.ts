/** Orders about maintenance against the schedule that the orders before them made. */

import { schedulesChangeWhole } from "../../../harness/checkers/s38-schedules-change-whole.ts";
import type { WindowJson } from "../../../harness/history/maintenance-json.ts";
import { cluster, type HistoryBuilder } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const [one, two] = [{ hostname: "agent-1" }, { hostname: "agent-2" }];
const windows = (...machines: readonly object[]) => [{ machines, unavailability: { startAtMs: 9_000_000 } }];

/** A refusal in the master's words. */
function refuse(
  history: HistoryBuilder,
  order: "update" | "start" | "stop",
  code: string,
  machines: readonly object[] = [one],
): HistoryBuilder {
  const paths = { update: "update_maintenance_schedule", start: "start_maintenance", stop: "stop_maintenance" } as const;
  const message = `${paths[order]}.machines[0] must be otherwise`;
  if (order === "update") return history.plan(windows(...machines), "fail", code, message);
  if (order === "start") return history.startMaintenance(machines, "fail", code, message);
  return history.stopMaintenance(machines, "fail", code, message);
}

/** The schedule that is expected is to become one with the second machine. */
function replace(history: HistoryBuilder, expected: readonly WindowJson[], outcome: "ok" | "fail"): HistoryBuilder {
  const body = { kind: "updateSchedule", windows: windows(two), expected } as const;
  const message = "replace_maintenance_schedule.expected must be the schedule, which somebody has changed";
  return history.orderMachines(body, outcome, "ABORTED", message);
}

describeChecker(schedulesChangeWhole, {
  good: {
    "down and up again": () => cluster().schedule([one, two]).startMaintenance([one]).stopMaintenance([one]).startMaintenance([two]),
    "what is not scheduled cannot go down": () => refuse(cluster(), "start", "NOT_FOUND").schedule().startMaintenance(),
    "what is down cannot go down again": () => refuse(cluster().schedule().startMaintenance(), "start", "FAILED_PRECONDITION"),
    "what is not down cannot come up": () => refuse(cluster().schedule(), "stop", "FAILED_PRECONDITION"),
    "what is down must stay in the schedule": () =>
      refuse(cluster().schedule([one, two]).startMaintenance([one]), "update", "FAILED_PRECONDITION", [two]).stopMaintenance([one]),
    "a window without a machine is refused": () =>
      cluster().plan([{ machines: [], unavailability: { startAtMs: 0 } }], "fail", "INVALID_ARGUMENT"),
    "a machine that is named twice is refused": () => cluster().plan(windows(one, { ...one, ip: "10.0.0.1" }), "fail", "INVALID_ARGUMENT"),
    "an order without an answer was obeyed": () => cluster().schedule(undefined, { outcome: "info" }).startMaintenance(),
    "an order without an answer got lost": () => refuse(cluster().schedule(undefined, { outcome: "info" }), "start", "NOT_FOUND"),
    "an order without an answer is obeyed late": () =>
      refuse(cluster().schedule(undefined, { outcome: "open" }), "start", "NOT_FOUND").startMaintenance(),
    "a schedule that is not the expected one stays": () => replace(cluster().schedule([one]), windows(one), "fail").startMaintenance([one]),
    "the expected schedule is replaced": () => replace(cluster().plan(windows(one)), windows(one), "ok").startMaintenance([two]),
    "who does not lead refuses everything": () =>
      cluster().schedule(undefined, { outcome: "fail", code: "FAILED_PRECONDITION" }).schedule(),
  },
  bad: {
    "a machine that is not scheduled went down": () => cluster().startMaintenance(),
    "one of two that went down was not scheduled": () => cluster().schedule([one]).startMaintenance([one, two]),
    "a machine that was not down came up": () => cluster().schedule().stopMaintenance(),
    "a machine that was down was left out": () => cluster().schedule([one]).startMaintenance([one]).schedule([two]),
    "a schedule that is not the expected one was replaced": () => replace(cluster().schedule([one]), windows(one), "ok"),
    "the expected schedule was said to be another": () => replace(cluster().plan(windows(one)), windows(one), "fail"),
    "a machine is named twice": () => cluster().schedule([one, one]),
    "a refused order took effect": () => refuse(cluster().schedule(), "start", "FAILED_PRECONDITION").stopMaintenance(),
    "an order that breaks no rule was refused for its form": () =>
      cluster().schedule(undefined, { outcome: "fail", code: "INVALID_ARGUMENT" }),
    "an order without an answer was obeyed when it was over for long": () =>
      refuse(cluster().schedule(undefined, { outcome: "info" }).wait(30_000), "start", "NOT_FOUND").startMaintenance(),
  },
});
