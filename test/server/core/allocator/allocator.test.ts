/** Who is offered what: fairness between roles and frameworks, reservations, minimum, gpus, timeouts. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { TaskId } from "../../../../common/ids.ts";
import { type Resource, toResources } from "../../../../common/resources.ts";
import { cpusAndMem, describeFramework, MasterDriver, type Scheduler } from "../master-driver.ts";

const gpuCapability = 3;

function winner(driver: MasterDriver, schedulers: readonly Scheduler[]): string {
  const winners = schedulers.filter((scheduler) => driver.takeOffers(scheduler).length > 0).map((scheduler) => scheduler.frameworkId);
  assert.equal(winners.length, 1);
  return winners[0] ?? "";
}

describe("allocator", () => {
  it("serves two equal frameworks in turn, the first by name first", () => {
    const driver = new MasterDriver().lead();
    const schedulers = [driver.subscribe(), driver.subscribe()];
    const winners = ["a", "b", "c", "d"].map((hostname) => {
      driver.register(cpusAndMem(1, 1_024), hostname);
      return winner(driver, schedulers);
    });
    assert.deepEqual(winners, ["M1-0000", "M1-0001", "M1-0000", "M1-0001"]);
  });

  it("serves the framework with the lower dominant share, whichever resource is dominant", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register(cpusAndMem(10, 10_000), "big");
    const first = driver.subscribe();
    driver.launch(first, driver.takeOffer(first), { resources: cpusAndMem(1, 6_000) }, 3_600_000);
    const second = driver.subscribe();
    driver.launch(second, driver.takeOffer(second), { resources: cpusAndMem(4, 1_000) }, 3_600_000);
    driver.advanceAlive(1_000, [agent]);
    driver.register(cpusAndMem(1, 100), "next");
    assert.equal(winner(driver, [first, second]), second.frameworkId);
  });

  it("weighs roles before frameworks, and a role with those below it", () => {
    const driver = new MasterDriver().lead();
    const inA = [driver.subscribe({ roles: ["a"] }), driver.subscribe({ roles: ["a"] })];
    const below = driver.subscribe({ roles: ["b/x"], multiRole: true });
    const beside = driver.subscribe({ roles: ["b"], multiRole: true });
    const schedulers = [...inA, below, beside];
    const winners = Array.from({ length: 8 }, (_, index) => {
      driver.register(cpusAndMem(1, 1_024), `host-${index}`);
      return schedulers.findIndex((scheduler) => driver.takeOffers(scheduler).length > 0);
    });
    const countOf = (indexes: readonly number[]) => winners.filter((index) => indexes.includes(index)).length;
    assert.deepEqual([countOf([0, 1]), countOf([2, 3]), countOf([0]), countOf([2])], [4, 4, 2, 2]);
  });

  it("puts one offer for each agent into one event", () => {
    const driver = new MasterDriver().lead();
    for (const hostname of ["a", "b", "c"]) driver.register(cpusAndMem(1, 1_024), hostname);
    const scheduler = driver.subscribe();
    const events = driver.takeEvents(scheduler, "offers");
    assert.deepEqual(
      events.map((event) => event.offers.length),
      [3],
    );
  });

  it("offers nothing below 0.01 cpus and 32 MB", () => {
    const driver = new MasterDriver().lead();
    const scheduler = driver.subscribe();
    driver.register(cpusAndMem(0.009, 31.9), "tiny");
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.register(cpusAndMem(0.01, 0), "cpu");
    driver.register(cpusAndMem(0, 32), "mem");
    assert.equal(driver.takeOffers(scheduler).length, 2);
  });

  it("offers reserved resources to their role and those below it only", () => {
    const driver = new MasterDriver().lead();
    const reserved = cpusAndMem(2, 512).map((resource): Resource => ({ ...resource, reservations: [{ type: "STATIC", role: "eng" }] }));
    const other = driver.subscribe({ roles: ["other"] });
    const agent = driver.register(toResources([...reserved, ...cpusAndMem(1, 256)]), "host");
    assert.deepEqual(
      driver.takeOffer(other).resources.map((resource) => resource.reservations.length),
      [0, 0],
    );
    const child = driver.subscribe({ roles: ["eng/web"], multiRole: true });
    assert.deepEqual(
      driver.takeOffer(child).resources.map((resource) => resource.reservations[0]?.role),
      ["eng", "eng"],
    );
    driver.advanceAlive(1_000, [agent]);
  });

  it("keeps agents with gpus for frameworks that can use them", () => {
    const driver = new MasterDriver().lead();
    const plain = driver.subscribe();
    const gpus: Resource = { name: "gpus", value: { kind: "scalar", milli: 1_000 }, reservations: [] };
    driver.register(toResources([gpus, ...cpusAndMem(1, 1_024)]), "gpu");
    assert.equal(driver.takeOffers(plain).length, 0);
    const { info } = describeFramework({});
    const able = driver.subscribe({ info: { ...info, capabilities: [{ type: gpuCapability }] } });
    assert.equal(driver.takeOffers(able).length, 1);
  });

  it("takes offers back after the offer timeout, not those that were used", () => {
    const driver = new MasterDriver({ offerTimeoutMs: 5_000 }).lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    const used = driver.takeOffer(scheduler);
    driver.launch(scheduler, used, { taskId: TaskId("t") });
    driver.advanceAlive(1_000, [agent]);
    const rest = driver.takeOffer(scheduler);
    driver.advanceAlive(5_000, [agent]);
    assert.deepEqual(
      driver.takeEvents(scheduler, "rescind").map((event) => event.offerId),
      [rest.offerId],
    );
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("never gives an offer id twice", () => {
    const driver = new MasterDriver().lead();
    const agent = driver.register();
    const scheduler = driver.subscribe();
    const ids = new Set<string>();
    for (let count = 0; count < 10; count++) {
      const offer = driver.takeOffer(scheduler);
      assert.ok(!ids.has(offer.offerId));
      ids.add(offer.offerId);
      driver.call(scheduler, { kind: "decline", offerIds: [offer.offerId], refuseMs: 0 });
      driver.advanceAlive(1_000, [agent]);
    }
  });
});
