/** Standby, recovering, leading: who is served, and what fences a deposed leader. */

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { LinkId, StreamId } from "../../../common/ids.ts";
import { describeFramework, MasterDriver, TestRegistry } from "./master-driver.ts";

const leader = { masterId: "M2", hostname: "other", grpcPort: 1, httpPort: 2 };
const subscribeCall = { frameworkId: undefined, framework: describeFramework({}), suppressedRoles: [], offerConstraints: new Map() };

describe("leadership", () => {
  it("a standby sends everybody to the leader it knows", () => {
    const driver = new MasterDriver();
    driver.input({ kind: "leaderChanged", leader });
    driver.input({ kind: "subscribe", streamId: StreamId("s"), call: subscribeCall });
    driver.input({ kind: "agentLinkOpened", linkId: LinkId("l"), peer: "p" });
    driver.input({ kind: "operatorCall", callId: 7, call: { kind: "getState" } });
    for (const refusal of [driver.closedStreams.get(StreamId("s")), driver.closedLinks.get(LinkId("l")), driver.refusalOf(7)]) {
      assert.equal(refusal?.code, "FAILED_PRECONDITION");
      assert.deepEqual(refusal?.leader, leader);
      assert.equal(refusal?.isNotLeading, true);
    }
  });

  it("a standby that knows no leader, or thinks of itself, is unavailable", () => {
    const driver = new MasterDriver();
    for (const known of [undefined, driver.config.address]) {
      driver.input({ kind: "leaderChanged", leader: known });
      driver.input({ kind: "subscribe", streamId: StreamId("s"), call: subscribeCall });
      assert.equal(driver.closedStreams.get(StreamId("s"))?.code, "UNAVAILABLE");
    }
  });

  it("a recovering master is unavailable until its own record is durable", () => {
    const driver = new MasterDriver();
    driver.writesAtOnce = false;
    driver.lead();
    assert.deepEqual(driver.writes[0]?.changes[0], { kind: "put", key: "leader", record: { kind: "leader", masterId: "M1", term: 1 } });
    driver.input({ kind: "subscribe", streamId: StreamId("s"), call: subscribeCall });
    assert.equal(driver.closedStreams.get(StreamId("s"))?.code, "UNAVAILABLE");
    driver.writeDone();
    driver.writesAtOnce = true;
    assert.ok(driver.subscribe().frameworkId);
  });

  it("each leader has a term of its own", () => {
    const registry = new TestRegistry();
    assert.equal(new MasterDriver({}, registry).lead().operator("getState").term, 1);
    assert.equal(new MasterDriver({}, registry).lead().operator("getState").term, 2);
  });

  it("a write of a deposed leader is refused, and it ends", () => {
    const registry = new TestRegistry();
    const old = new MasterDriver({}, registry).lead();
    new MasterDriver({}, registry).lead();
    const link = old.openLink();
    old.say(link, {
      kind: "register",
      agent: { hostname: "h", resources: [], version: "1", info: { hostname: "h", resources: [], attributes: [] } },
    });
    assert.match(old.exitReason ?? "", /another master wrote/);
    assert.equal(old.takeMessages(link, "registered").length, 0);
  });

  it("losing leadership ends a leading or recovering master, not a standby", () => {
    const standby = new MasterDriver();
    standby.input({ kind: "leadershipLost" });
    assert.equal(standby.exitReason, undefined);
    const recovering = new MasterDriver();
    recovering.writesAtOnce = false;
    recovering.lead().input({ kind: "leadershipLost" });
    assert.ok(recovering.exitReason);
    const leading = new MasterDriver().lead();
    leading.input({ kind: "leadershipLost" });
    assert.ok(leading.exitReason);
    leading.input({ kind: "subscribe", streamId: StreamId("s"), call: subscribeCall });
    assert.equal(leading.closedStreams.get(StreamId("s"))?.code, "UNAVAILABLE");
  });

  it("a standby waits for nothing", () => {
    assert.equal(new MasterDriver().master.nextDeadlineMs(), undefined);
  });
});
