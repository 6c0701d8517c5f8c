/** The reference's own cases of machine maintenance. Principals have no rights to be refused, so those halves of its cases are not here. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { InverseOfferId } from "../../common/ids.ts";
import { Call_StartMaintenance, Call_UpdateMaintenanceSchedule } from "../../protos/gen/mesos/v1/master/master.ts";
import { operatorOrders } from "../../server/wire/operator-orders.ts";
import { anHourMs, modes, ordered, planOf, refusalOf, start, stop, windowAt } from "../server/core/maintenance/windows.ts";
import { cpusAndMem, describeAgent, MasterDriver, type Scheduler } from "../server/core/master-driver.ts";

const small = cpusAndMem(1, 512);

const windowsOf = (driver: MasterDriver) => driver.operator("getMaintenanceSchedule").schedule.windows;

const takeQuestions = (driver: MasterDriver, scheduler: Scheduler) =>
  driver.takeEvents(scheduler, "inverseOffers").flatMap(({ inverseOffers }) => inverseOffers);

const statusesOf = (driver: MasterDriver) =>
  driver.operator("getMaintenanceStatus").status.drainingMachines.map(({ statuses }) => statuses.map(({ status }) => status));

/** Whether the bytes of a call get past the rules of form. */
function isWellFormed(rpc: string, bytes: Uint8Array): boolean {
  return operatorOrders[rpc]?.(bytes).ok === true;
}

function isPlan(
  ...windows: readonly { readonly hostnames: readonly string[]; readonly startNs?: bigint; readonly durationNs?: bigint }[]
): boolean {
  const schedule = {
    windows: windows.map(({ hostnames, startNs = 0n, durationNs }) => ({
      machineIds: hostnames.map((hostname) => ({ hostname })),
      unavailability: { start: { nanoseconds: startNs }, duration: durationNs === undefined ? undefined : { nanoseconds: durationNs } },
    })),
  };
  return isWellFormed("UpdateMaintenanceSchedule", Call_UpdateMaintenanceSchedule.encode({ schedule }).finish());
}

/** A framework with a task on the only agent, and a window for that. */
function maintained() {
  const driver = new MasterDriver().lead();
  const agent = driver.register(small, "a");
  const scheduler = driver.subscribe();
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(agent, scheduler, "TASK_RUNNING");
  ordered(driver, planOf(windowAt(anHourMs, "a")));
  driver.takeUpdates(scheduler);
  return { driver, agent, scheduler };
}

describe("the reference's cases of maintenance", () => {
  it("M1: a schedule is taken, shown and deleted; an empty window, a negative duration, a blank machine or one twice is not", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    assert.deepEqual(
      windowsOf(driver).map(({ machineIds }) => machineIds),
      [[{ hostname: "a", ip: undefined }]],
    );
    assert.deepEqual(
      [
        isPlan({ hostnames: [] }),
        isPlan({ hostnames: ["a"], startNs: -1n }),
        isPlan({ hostnames: ["a"], durationNs: -1n }),
        isPlan({ hostnames: ["a"] }, { hostnames: ["a"] }),
        isPlan({ hostnames: [""] }),
        isPlan({ hostnames: ["a", "b"] }),
        isPlan(),
      ],
      [false, true, false, false, false, true, true],
    );
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    ordered(driver, planOf());
    assert.deepEqual(windowsOf(driver), []);
  });

  it("M2: a machine that is DOWN cannot be left out of the schedule", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    ordered(driver, start("a"));
    assert.equal(refusalOf(driver, planOf(windowAt(anHourMs, "b"))).code, "FAILED_PRECONDITION");
  });

  it("M3: an ordinary offer is rescinded, and comes again with the window; one inverse offer comes, and nothing more", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register(small, "a");
    const scheduler = driver.subscribe();
    const { offerId } = driver.takeOffer(scheduler);
    const window = windowAt(anHourMs, "a");
    ordered(driver, planOf(window));
    assert.equal(driver.takeEvents(scheduler, "rescind")[0]?.offerId, offerId);
    assert.deepEqual(driver.takeOffer(scheduler).unavailability, window.unavailability);
    assert.deepEqual(
      takeQuestions(driver, scheduler).map((one) => one.unavailability),
      [window.unavailability],
    );
    driver.advanceAlive(10_000, [agent]);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
  });

  it("M5: at DOWN the agent is told to end, its task is lost, and so is whoever comes from there until the machine is up", () => {
    const { driver, agent, scheduler } = maintained();
    ordered(driver, start("a"));
    assert.equal(driver.takeMessages(agent, "refuse").length, 1);
    driver.say(agent.linkId, { kind: "unregister", agentId: agent.agentId, alive: [] });
    assert.deepEqual(
      driver.takeUpdates(scheduler).map(({ state, source, reason }) => [state, source, reason]),
      [["TASK_LOST", "SOURCE_MASTER", "REASON_AGENT_REMOVED"]],
    );
    assert.equal(driver.takeEvents(scheduler, "failure").length, 1);
    const linkId = driver.openLink();
    driver.say(linkId, { kind: "register", agent: describeAgent(small, "a") });
    assert.equal(driver.takeMessages(linkId, "refuse").length, 1);
    ordered(driver, stop("a"));
    assert.ok(driver.register(small, "a").agentId);
  });

  it("M6: only machines that drain go DOWN, all of a list or none", () => {
    const driver = new MasterDriver().lead();
    assert.equal(refusalOf(driver, start("a")).code, "NOT_FOUND");
    for (const machines of [[], [{}]]) assert.ok(!isWellFormed("StartMaintenance", Call_StartMaintenance.encode({ machines }).finish()));
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    ordered(driver, start("a"));
    assert.equal(refusalOf(driver, start("a")).code, "FAILED_PRECONDITION");
    assert.equal(refusalOf(driver, start("a", "b")).code, "FAILED_PRECONDITION");
    ordered(driver, start("b"));
  });

  it("M7: only machines that are DOWN come up, and leave the schedule", () => {
    const driver = new MasterDriver().lead();
    assert.equal(refusalOf(driver, stop("a")).code, "NOT_FOUND");
    ordered(driver, planOf(windowAt(anHourMs, "a"), windowAt(2 * anHourMs, "b")));
    assert.equal(refusalOf(driver, stop("a")).code, "FAILED_PRECONDITION");
    ordered(driver, start("a"));
    ordered(driver, stop("a"));
    assert.deepEqual(
      windowsOf(driver).map(({ machineIds }) => machineIds[0]?.hostname),
      ["b"],
    );
    ordered(driver, start("b"));
    ordered(driver, stop("b"));
    assert.deepEqual(windowsOf(driver), []);
  });

  it("M8: the status lists machines that drain and those that are DOWN", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    assert.deepEqual(modes(driver), { draining: ["a", "b"], down: [] });
    ordered(driver, start("a"));
    assert.deepEqual(modes(driver), { draining: ["b"], down: ["a"] });
    ordered(driver, stop("a"));
    assert.deepEqual(modes(driver), { draining: ["b"], down: [] });
  });

  it("M9: what was declined and what was accepted is shown, and asked again at the next batch", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const agent = driver.register(small, "a");
    assert.deepEqual(statusesOf(driver), [[]]);
    const scheduler = driver.subscribe();
    const offer = driver.takeOffer(scheduler);
    assert.ok(offer.unavailability !== undefined);
    driver.launch(scheduler, offer);
    for (const accepts of [false, true]) {
      const [question] = takeQuestions(driver, scheduler);
      assert.ok(question !== undefined);
      const inverseOfferIds = [question.inverseOfferId];
      driver.call(scheduler, { kind: "answerInverseOffers", accepts, inverseOfferIds, refuseMs: 0 });
      assert.deepEqual(statusesOf(driver), [[accepts ? 2 : 3]]);
      driver.advanceAlive(1_000, [agent]);
    }
    assert.equal(takeQuestions(driver, scheduler).length, 1);
  });

  it("M10: a filter keeps the question about one agent away, and not about another", () => {
    const driver = new MasterDriver().lead();
    ordered(driver, planOf(windowAt(anHourMs, "a", "b")));
    const agents = [driver.register(small, "a"), driver.register(small, "b")];
    const scheduler = driver.subscribe();
    for (const offer of driver.takeOffers(scheduler)) driver.launch(scheduler, offer);
    const [first, second] = takeQuestions(driver, scheduler);
    assert.ok(first !== undefined && second !== undefined);
    const answer = (accepts: boolean, id: InverseOfferId, refuseMs: number) =>
      driver.call(scheduler, { kind: "answerInverseOffers", accepts, inverseOfferIds: [id], refuseMs });
    answer(false, first.inverseOfferId, anHourMs);
    answer(true, second.inverseOfferId, 0);
    driver.advanceAlive(1_000, agents);
    assert.deepEqual(
      takeQuestions(driver, scheduler).map(({ agentId }) => agentId),
      [second.agentId],
    );
  });

  it("M12: an inverse offer that nobody made can be accepted without any effect", () => {
    const { driver, scheduler } = maintained();
    const inverseOfferIds = [InverseOfferId("made up")];
    assert.equal(driver.call(scheduler, { kind: "answerInverseOffers", accepts: true, inverseOfferIds, refuseMs: 0 }), undefined);
    assert.deepEqual(statusesOf(driver), [[]]);
  });
});
