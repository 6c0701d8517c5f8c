/** Inverse offers: who is asked and when, what answers do, when they are taken back, and that none is waited for in vain. */

import assert from "node:assert/strict";
import { InverseOfferId } from "../../../../common/ids.ts";
import { cpusAndMem, describeAgent, MasterDriver, reportTask, type Scheduler } from "../master-driver.ts";
import { anHourMs, ordered, planOf, windowAt } from "./windows.ts";

/** One framework with a task on agent a, and nothing else outstanding. */
function withTask(config: ConstructorParameters<typeof MasterDriver>[0] = {}) {
  const driver = new MasterDriver({ agentReregisterTimeoutMs: 60_000, ...config }).lead();
  const a = driver.register(cpusAndMem(1, 512), "a");
  const scheduler = driver.subscribe({ partitionAware: true });
  driver.launch(scheduler, driver.takeOffer(scheduler));
  driver.update(a, scheduler, "TASK_RUNNING");
  driver.takeAllEvents(scheduler);
  return { driver, a, agentId: a.agentId, scheduler };
}

function asked() {
  const cluster = withTask();
  ordered(cluster.driver, planOf(windowAt(anHourMs, "a")));
  const [inverseOfferId] = takeQuestions(cluster.driver, cluster.scheduler);
  assert.ok(inverseOfferId !== undefined);
  return { ...cluster, inverseOfferId };
}

const takeQuestions = (driver: MasterDriver, scheduler: Scheduler): InverseOfferId[] =>
  driver.takeEvents(scheduler, "inverseOffers").flatMap(({ inverseOffers }) => inverseOffers.map((one) => one.inverseOfferId));

const answer = (driver: MasterDriver, scheduler: Scheduler, id: InverseOfferId, { accepts = true, refuseMs = 0 } = {}) =>
  driver.call(scheduler, { kind: "answerInverseOffers", accepts, inverseOfferIds: [id], refuseMs });

const statusesOf = (driver: MasterDriver) =>
  driver
    .operator("getMaintenanceStatus")
    .status.drainingMachines.flatMap(({ statuses }) => statuses.map(({ frameworkId, status }) => [frameworkId?.value, status]));

describe("inverse offers", () => {
  it("ask whoever has something on the agent, once, with the window, after the offers", () => {
    const { driver, agentId, scheduler } = withTask();
    const idle = driver.subscribe();
    const window = windowAt(anHourMs, "a");
    ordered(driver, planOf(window));
    const [event, ...others] = driver.takeAllEvents(scheduler);
    assert.ok(event?.kind === "inverseOffers");
    const { frameworkId } = scheduler;
    const [inverseOffer] = event.inverseOffers;
    assert.deepEqual(inverseOffer && { ...inverseOffer, inverseOfferId: "?" }, {
      inverseOfferId: "?",
      frameworkId,
      agentId,
      unavailability: window.unavailability,
    });
    driver.advance(10_000);
    assert.deepEqual([others, driver.takeAllEvents(scheduler), driver.takeAllEvents(idle)], [[], [], []]);
  });

  it("ask whoever only has an offer, and declining the offer does not take the question back", () => {
    const driver = new MasterDriver().lead();
    driver.register(cpusAndMem(1, 512), "a");
    const scheduler = driver.subscribe();
    driver.takeAllEvents(scheduler);
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const offer = driver.takeOffer(scheduler);
    assert.equal(takeQuestions(driver, scheduler).length, 1);
    driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: anHourMs });
    driver.advance(10_000);
    assert.deepEqual(driver.takeEvents(scheduler, "rescindInverseOffer"), []);
    assert.deepEqual(takeQuestions(driver, scheduler), []);
  });

  it("ask a framework that suppresses offers, too, and one that subscribes later", () => {
    const { driver, scheduler } = withTask();
    driver.call(scheduler, { kind: "suppress", roles: [] });
    driver.closeStream(scheduler);
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const again = driver.subscribe({ partitionAware: true }, scheduler.frameworkId);
    assert.equal(takeQuestions(driver, again).length, 1);
  });

  for (const accepts of [true, false]) {
    it(`that are ${accepts ? "accepted" : "declined"} are shown so, and asked again when the filter ends`, () => {
      const { driver, scheduler, inverseOfferId, a } = asked();
      assert.deepEqual(statusesOf(driver), []);
      answer(driver, scheduler, inverseOfferId, { accepts, refuseMs: 3_000 });
      assert.deepEqual(statusesOf(driver), [[scheduler.frameworkId, accepts ? 2 : 3]]);
      driver.advanceAlive(2_000, [a]);
      assert.deepEqual(takeQuestions(driver, scheduler), []);
      driver.advanceAlive(2_000, [a]);
      const [next] = takeQuestions(driver, scheduler);
      assert.ok(next !== undefined && next !== inverseOfferId);
      answer(driver, scheduler, next, { accepts: !accepts });
      assert.deepEqual(statusesOf(driver), [[scheduler.frameworkId, accepts ? 3 : 2]]);
      driver.advanceAlive(1_000, [a]);
      assert.equal(takeQuestions(driver, scheduler).length, 1, "a filter of nothing ends at the next run");
    });
  }

  it("are asked again at once after REVIVE", () => {
    const { driver, scheduler, inverseOfferId } = asked();
    answer(driver, scheduler, inverseOfferId, { refuseMs: anHourMs });
    driver.call(scheduler, { kind: "revive", roles: [] });
    assert.equal(takeQuestions(driver, scheduler).length, 1);
  });

  it("are answered by their owner only, and a call that names one of another framework does nothing at all", () => {
    const { driver, scheduler, inverseOfferId } = asked();
    const other = driver.subscribe();
    const rule = `must be an inverse offer to framework ${other.frameworkId}, is ${inverseOfferId}`;
    const message = `decline_inverse_offers.inverse_offer_ids[0] ${rule}`;
    assert.deepEqual(answer(driver, other, inverseOfferId, { accepts: false }), { code: "INVALID_ARGUMENT", message });
    assert.deepEqual(statusesOf(driver), []);
    assert.equal(answer(driver, scheduler, inverseOfferId), undefined);
    assert.equal(statusesOf(driver).length, 1);
  });

  it("end with --offer-timeout and are then asked again", () => {
    const { driver, a, scheduler } = withTask({ offerTimeoutMs: 3_000 });
    ordered(driver, planOf(windowAt(anHourMs, "a")));
    const [first] = takeQuestions(driver, scheduler);
    driver.advanceAlive(4_000, [a]);
    assert.deepEqual(
      driver.takeEvents(scheduler, "rescindInverseOffer").map((event) => event.inverseOfferId),
      [first],
    );
    assert.equal(takeQuestions(driver, scheduler).length, 1);
  });

  it("are dropped with the stream, and asked again on the next one: an answer to the old one does nothing", () => {
    const { driver, scheduler, inverseOfferId } = asked();
    answer(driver, scheduler, inverseOfferId, { refuseMs: anHourMs });
    driver.closeStream(scheduler);
    const again = driver.subscribe({ partitionAware: true }, scheduler.frameworkId);
    const [next] = takeQuestions(driver, again);
    assert.ok(next !== undefined);
    driver.takeAllEvents(again);
    answer(driver, again, inverseOfferId, { accepts: false });
    assert.deepEqual([statusesOf(driver), driver.takeAllEvents(again)], [[[scheduler.frameworkId, 2]], []]);
  });

  it("are asked again by the next leader, and the answers before are forgotten", () => {
    const { driver, agentId, scheduler, inverseOfferId } = asked();
    answer(driver, scheduler, inverseOfferId, { refuseMs: anHourMs });
    const next = new MasterDriver({}, driver.registry).lead();
    const again = next.subscribe({ partitionAware: true }, scheduler.frameworkId);
    const agent = describeAgent(cpusAndMem(1, 512), "a");
    next.reregister(agentId, { agent, tasks: [reportTask(scheduler.frameworkId)] });
    assert.deepEqual([takeQuestions(next, again).length, statusesOf(next)], [1, []]);
  });

  const ends: readonly [name: string, end: (cluster: ReturnType<typeof asked>) => void][] = [
    ["a new window", ({ driver }) => ordered(driver, planOf(windowAt(2 * anHourMs, "a")))],
    ["a cancelled window", ({ driver }) => ordered(driver, planOf())],
    ["an agent that is disconnected", ({ driver, a }) => driver.closeLink(a)],
    ["an agent that is deactivated", ({ driver, agentId }) => ordered(driver, { kind: "deactivateAgent", agentId })],
    ["an agent that is gone", ({ driver, agentId }) => ordered(driver, { kind: "markAgentGone", agentId })],
    ["an agent that leaves", ({ driver, a, agentId }) => driver.say(a.linkId, { kind: "unregister", agentId, alive: [] })],
    ["an agent that is unreachable", ({ driver }) => driver.advance(75_000)],
    [
      "an agent that registers again",
      ({ driver, agentId, scheduler }) => {
        driver.reregister(agentId, { agent: describeAgent(cpusAndMem(1, 512), "a"), tasks: [reportTask(scheduler.frameworkId)] });
      },
    ],
  ];
  for (const [name, end] of ends) {
    it(`are taken back for ${name}`, () => {
      const cluster = asked();
      end(cluster);
      const rescinded = cluster.driver.takeEvents(cluster.scheduler, "rescindInverseOffer").map((event) => event.inverseOfferId);
      assert.deepEqual(rescinded, [cluster.inverseOfferId]);
    });
  }

  it("forget answers and filters when the window changes", () => {
    const { driver, scheduler, inverseOfferId } = asked();
    answer(driver, scheduler, inverseOfferId, { refuseMs: anHourMs });
    ordered(driver, planOf(windowAt(2 * anHourMs, "a")));
    assert.deepEqual([statusesOf(driver), takeQuestions(driver, scheduler).length], [[], 1]);
  });

  it("made up are skipped beside one that stands", () => {
    const { driver, scheduler, inverseOfferId } = asked();
    const inverseOfferIds = [InverseOfferId("made up"), inverseOfferId, inverseOfferId];
    assert.equal(driver.call(scheduler, { kind: "answerInverseOffers", accepts: true, inverseOfferIds, refuseMs: 0 }), undefined);
    assert.equal(statusesOf(driver).length, 1);
  });
});

describe("placement", () => {
  it("offers agents without a window first, then later windows before earlier ones", () => {
    const driver = new MasterDriver({ maintenance: "operator" }).lead();
    const hostnames = ["soon", "stays", "begun", "later", "stays too"];
    const ids = new Map(hostnames.map((hostname) => [driver.register(cpusAndMem(1, 512), hostname).agentId, hostname]));
    ordered(driver, planOf(windowAt(60_000, "soon"), windowAt(-60_000, "begun"), windowAt(anHourMs, "later")));
    const offered = driver.takeOffers(driver.subscribe()).map(({ agentId }) => ids.get(agentId));
    assert.deepEqual(offered.slice(0, 2).sort(), ["stays", "stays too"]);
    assert.deepEqual(offered.slice(2), ["later", "soon", "begun"]);
  });
});
