/** The rules for the offers of an ACCEPT, in their order: rows O1 to O7. A call that breaks two of them is told the earlier one. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { OfferId, TaskId } from "../../common/ids.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { decodeSchedulerCall } from "../../server/wire/decode.ts";
import { cpusAndMem, describeTask, MasterDriver, type Scheduler } from "../server/core/master-driver.ts";

/** Our framework of roles a and b has an offer of each of three agents, not all of one role; another framework has one, too. */
function start() {
  const driver = new MasterDriver().lead();
  const other = driver.subscribe({ roles: ["c"], multiRole: true });
  driver.register(cpusAndMem(1, 512), "four");
  const foreign = driver.takeOffer(other);
  driver.call(other, { kind: "suppress", roles: [] });
  const scheduler = driver.subscribe({ roles: ["a", "b"], multiRole: true, partitionAware: true });
  for (const hostname of ["one", "two", "three"]) driver.register(cpusAndMem(2, 1_024), hostname);
  const offers = driver.takeOffers(scheduler);
  const [first] = offers;
  assert.ok(first !== undefined);
  const otherRole = offers.find(({ role }) => role !== first.role);
  const otherAgent = offers.find(({ role, agentId }) => role === first.role && agentId !== first.agentId);
  assert.ok(otherRole !== undefined && otherAgent !== undefined, `roles of the offers: ${offers.map(({ role }) => role).join(", ")}`);
  return {
    driver,
    scheduler,
    other,
    first: first.offerId,
    otherRole: otherRole.offerId,
    otherAgent: otherAgent.offerId,
    foreign: foreign.offerId,
    foreignOffer: foreign,
  };
}

/** What a task of an ACCEPT of these offers is told. */
function told(driver: MasterDriver, scheduler: Scheduler, offerIds: readonly OfferId[]): string {
  const tasks = [describeTask({ taskId: TaskId("t") })];
  driver.call(scheduler, { kind: "accept", offerIds, operations: [{ kind: "launch", tasks }], refuseMs: 3_600_000 });
  const updates = driver.takeUpdates(scheduler);
  assert.deepEqual(
    updates.map(({ state, reason }) => [state, reason]),
    [["TASK_DROPPED", "REASON_INVALID_OFFERS"]],
  );
  return updates[0]?.message ?? "";
}

const gone = OfferId("gone");

describe("an ACCEPT", () => {
  it("O1: must name an offer, and is refused on the wire without one", () => {
    const accept = Call.fromPartial({ type: Call_Type.ACCEPT, frameworkId: { value: "f" }, accept: { offerIds: [] } });
    const decoded = decodeSchedulerCall(Call.encode(accept).finish());
    assert.equal(decoded.ok ? undefined : decoded.refusal.message, "accept.offer_ids must not be empty");
    const { driver, scheduler } = start();
    assert.match(told(driver, scheduler, []), /offer_ids must not be empty/);
  });

  it("O2: must name no offer twice, before it matters what they are", () => {
    const { driver, scheduler, first, foreign } = start();
    assert.match(told(driver, scheduler, [gone, foreign, first, first]), /must not repeat an offer/);
  });

  it("O3: must name offers that still exist, before it matters whose they are", () => {
    const { driver, scheduler, foreign } = start();
    assert.match(told(driver, scheduler, [foreign, gone]), /offer gone is no longer valid/);
  });

  it("O4: must name offers of the caller, before it matters whether they fit together", () => {
    const { driver, scheduler, first, otherRole, foreign } = start();
    assert.match(told(driver, scheduler, [first, otherRole, foreign]), /is not an offer to framework/);
  });

  it("O5: must name offers of one role, before it matters of which agents", () => {
    const { driver, scheduler, first, otherRole, otherAgent } = start();
    assert.match(told(driver, scheduler, [first, otherAgent, otherRole]), /is for role/);
  });

  it("O6: must name offers of one agent", () => {
    const { driver, scheduler, first, otherAgent } = start();
    assert.match(told(driver, scheduler, [first, otherAgent]), /is of agent/);
  });

  it("O7: that fails takes the caller's offers back without a filter, and leaves those of others alone", () => {
    const { driver, scheduler, other, first, foreign, foreignOffer } = start();
    told(driver, scheduler, [first, foreign]);
    driver.advance(1_000);
    assert.equal(driver.takeOffers(scheduler).length, 1);
    driver.launch(other, foreignOffer, { resources: cpusAndMem(0.5, 128) });
    assert.deepEqual(driver.takeUpdates(other), []);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
  });
});
