/** The schedule and the modes of machines: what may follow what, all or nothing, one call after the other, and across a failover. */

import assert from "node:assert/strict";
import type { PlannedWindow } from "../../../../server/core/maintenance/schedule.ts";
import type { OperatorCall } from "../../../../server/core/operator/operator-call.ts";
import { MasterDriver, TestRegistry } from "../master-driver.ts";
import { anHourMs, modes, ordered, planOf, refusalOf, start, stop, windowAt } from "./windows.ts";

const windowsOf = (driver: MasterDriver) =>
  driver.operator("getMaintenanceSchedule").schedule.windows.map(({ machineIds }) => machineIds.map(({ hostname, ip }) => hostname ?? ip));

describe("UPDATE_MAINTENANCE_SCHEDULE", () => {
  it("is answered when it is durable, replaces the schedule, and an empty one cancels it", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const order = driver.order(planOf(windowAt(anHourMs, "a")));
    assert.deepEqual([driver.outcomeOf(order), windowsOf(driver)], [undefined, []]);
    driver.writeDone();
    assert.deepEqual([driver.outcomeOf(order), windowsOf(driver)], ["done", [["a"]]]);
    driver.writesAtOnce = true;
    ordered(driver, planOf(windowAt(anHourMs, "b"), windowAt(anHourMs, "c", "d")));
    assert.deepEqual([windowsOf(driver), modes(driver)], [[["b"], ["c", "d"]], { draining: ["b", "c", "d"], down: [] }]);
    ordered(driver, planOf());
    assert.deepEqual([windowsOf(driver), driver.registry.records.has("schedule")], [[], false]);
  });

  it("may move the window of a machine that is DOWN, and may not leave the machine out", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    ordered(driver, start("a"));
    const { version } = driver.registry;
    assert.deepEqual(refusalOf(driver, planOf(windowAt(anHourMs, "b"))), {
      code: "FAILED_PRECONDITION",
      message:
        "update_maintenance_schedule.schedule.windows must have every machine that is DOWN, a is missing; stop its maintenance first",
    });
    assert.deepEqual([driver.registry.version, modes(driver)], [version, { draining: ["b"], down: ["a"] }]);
    ordered(driver, planOf(windowAt(2 * anHourMs, "a")));
    assert.deepEqual(modes(driver), { draining: [], down: ["a"] });
  });
});

describe("UPDATE_MAINTENANCE_SCHEDULE of an expected one", () => {
  const [a, b] = [windowAt(anHourMs, "a"), windowAt(2 * anHourMs, "b", "c")];
  const replaced = (expected: readonly PlannedWindow[], ...windows: readonly PlannedWindow[]): OperatorCall => ({
    kind: "updateSchedule",
    windows,
    expected,
  });

  it("is obeyed if the schedule is that, however its windows are written", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, replaced([], a, b));
    ordered(driver, replaced([windowAt(2 * anHourMs, "c"), a, windowAt(2 * anHourMs, "b")], b));
    assert.deepEqual(windowsOf(driver), [["b", "c"]]);
  });

  const others: readonly [name: string, expected: readonly PlannedWindow[]][] = [
    ["without a machine", [a]],
    ["with one more", [a, b, windowAt(anHourMs, "d")]],
    ["with another one", [a, windowAt(2 * anHourMs, "b", "d")]],
    ["with another window", [a, windowAt(3 * anHourMs, "b", "c")]],
    ["that is empty", []],
  ];
  for (const [name, expected] of others) {
    it(`is refused for one ${name}, and changes nothing`, () => {
      const driver = new MasterDriver().lead();
      ordered(driver, planOf(a, b));
      const { version } = driver.registry;
      assert.deepEqual(refusalOf(driver, replaced(expected, a)), {
        code: "ABORTED",
        message: "replace_maintenance_schedule.expected must be the schedule, which somebody has changed; read it again",
      });
      assert.deepEqual([driver.registry.version, windowsOf(driver)], [version, [["a"], ["b", "c"]]]);
    });
  }

  it("has to keep what is DOWN, too", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(a, b));
    ordered(driver, start("a"));
    const { code, message } = refusalOf(driver, replaced([a, b], b));
    assert.equal(code, "FAILED_PRECONDITION");
    assert.match(message, /^replace_maintenance_schedule.schedule.windows must have every machine that is DOWN, a is missing/);
  });

  it("is held against what is on its way into the registry: of two that meet the second is refused when the first is durable", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const [first, second] = [driver.order(replaced([], a)), driver.order(replaced([], b))];
    assert.deepEqual([driver.outcomeOf(first), driver.outcomeOf(second)], [undefined, undefined]);
    driver.writeDone();
    driver.writeDone();
    const refused = driver.outcomeOf(second);
    assert.ok(typeof refused === "object");
    assert.deepEqual([driver.outcomeOf(first), refused.code, windowsOf(driver)], ["done", "ABORTED", [["a"]]]);
  });
});

describe("START_MAINTENANCE and STOP_MAINTENANCE", () => {
  it("take machines DOWN and up again, whenever their window begins; those that are up leave the schedule", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b"), windowAt(2 * anHourMs, "c")));
    ordered(driver, start("a", "c"));
    assert.deepEqual(modes(driver), { draining: ["b"], down: ["a", "c"] });
    ordered(driver, stop("c", "a"));
    assert.deepEqual([windowsOf(driver), modes(driver)], [[["b"]], { draining: ["b"], down: [] }]);
  });

  const refused: readonly [name: string, call: ReturnType<typeof start>, code: string, message: string][] = [
    [
      "start of a machine that is not scheduled",
      start("b", "x"),
      "NOT_FOUND",
      "start_maintenance.machines[1] must be in the schedule, x is not",
    ],
    ["start of one that is DOWN", start("b", "a"), "FAILED_PRECONDITION", "start_maintenance.machines[1] must be DRAINING, a is DOWN"],
    ["stop of one that is not scheduled", stop("x"), "NOT_FOUND", "stop_maintenance.machines[0] must be in the schedule, x is not"],
    ["stop of one that drains", stop("a", "b"), "FAILED_PRECONDITION", "stop_maintenance.machines[1] must be DOWN, b is DRAINING"],
  ];
  for (const [name, call, code, message] of refused) {
    it(`refuse the ${name}, and change nothing`, () => {
      const driver = new MasterDriver().lead();
      ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
      ordered(driver, start("a"));
      const { version } = driver.registry;
      assert.deepEqual(refusalOf(driver, call), { code, message });
      assert.deepEqual([driver.registry.version, modes(driver)], [version, { draining: ["b"], down: ["a"] }]);
    });
  }

  // A run of the simulation found an operator who was refused for what others had just ordered, and then was shown the schedule before it.
  it("are refused for what is on its way into the registry when that is durable, not before", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    driver.writesAtOnce = false;
    const cancelled = driver.order(planOf());
    const started = driver.order(start("a"));
    assert.deepEqual([driver.outcomeOf(cancelled), driver.outcomeOf(started), windowsOf(driver)], [undefined, undefined, [["a"]]]);
    driver.writeDone();
    driver.writeDone();
    const message = "start_maintenance.machines[0] must be in the schedule, a is not";
    assert.deepEqual([driver.outcomeOf(cancelled), driver.outcomeOf(started)], ["done", { code: "NOT_FOUND", message }]);
    assert.deepEqual(windowsOf(driver), []);
  });

  it("need the very name under which the machine is scheduled", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const outcome = refusalOf(driver, { kind: "startMaintenance", machineIds: [{ hostname: "a", ip: "10.0.0.1" }] });
    assert.equal(outcome.message, "start_maintenance.machines[0] must be in the schedule, a (10.0.0.1) is not");
  });
});

describe("calls that meet", () => {
  it("are checked against what those before them make of the schedule, and none is lost", () => {
    const driver = new MasterDriver().lead();
    driver.writesAtOnce = false;
    const calls = [planOf(windowAt(anHourMs, "a", "b")), start("a"), planOf(windowAt(anHourMs, "b")), start("a"), start("b"), stop("a")];
    const orders = calls.map((call) => driver.order(call));
    while (driver.writes.length > 0) driver.writeDone();
    assert.deepEqual(
      orders.map((order) => driver.outcomeOf(order)).map((outcome) => (outcome === "done" ? outcome : outcome?.code)),
      ["done", "done", "FAILED_PRECONDITION", "FAILED_PRECONDITION", "done", "done"],
    );
    assert.deepEqual(modes(driver), { draining: [], down: ["b"] });
  });

  it("are all in the registry in the order in which they were answered", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    driver.writesAtOnce = false;
    driver.order(planOf(windowAt(anHourMs, "a", "b")));
    driver.order(start("a"));
    driver.order(stop("a"));
    while (driver.writes.length > 0) driver.writeDone();
    assert.deepEqual(modes(new MasterDriver({}, registry).lead()), { draining: ["b"], down: [] });
  });
});

describe("the next leader", () => {
  it("has the same schedule and the same modes, and goes on from there", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    ordered(driver, planOf(windowAt(anHourMs, "a"), windowAt(2 * anHourMs, "b", "c")));
    ordered(driver, start("b"));
    const next = new MasterDriver({}, registry).lead();
    assert.deepEqual(modes(next), { draining: ["a", "c"], down: ["b"] });
    assert.deepEqual(next.operator("getMaintenanceSchedule"), driver.operator("getMaintenanceSchedule"));
    ordered(next, stop("b"));
    assert.deepEqual(windowsOf(next), [["a"], ["c"]]);
  });

  it("knows nothing of a change that did not become durable", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    driver.writesAtOnce = false;
    const order = driver.order(planOf(windowAt(anHourMs, "a")));
    const next = new MasterDriver({}, registry).lead();
    driver.writeDone();
    assert.deepEqual([driver.outcomeOf(order), driver.exitReason !== undefined, modes(next).draining], [undefined, true, []]);
  });
});
