/** The rows of SUBSCRIBE's validation that need the master: an ERROR event, and the end of the stream. */

import assert from "node:assert/strict";
import type { FrameworkId } from "../../../../common/ids.ts";
import type { FrameworkDescription } from "../../../../server/core/calls/call.ts";
import type { MasterConfig } from "../../../../server/core/config.ts";
import { MasterDriver } from "../master-driver.ts";

type Subscription = Parameters<MasterDriver["openStream"]>[0];

/** What the stream got; the stream is over. */
function refusalOf(driver: MasterDriver, subscription: Subscription): string | undefined {
  const streamId = driver.openStream(subscription);
  const error = driver.takeEvents(streamId, "error")[0];
  assert.equal(driver.closedStreams.has(streamId), error !== undefined);
  return error?.message;
}

function lead(config: Partial<MasterConfig> = {}): MasterDriver {
  return new MasterDriver(config).lead();
}

describe("SUBSCRIBE is refused", () => {
  const rows: readonly [row: string, config: Partial<MasterConfig>, subscription: Subscription, message: string][] = [
    [
      "role not in --roles",
      { roles: new Set(["*", "a"]) },
      { framework: { roles: ["a", "b"] } },
      `subscribe.framework_info.roles must be among the master's --roles, has "b"`,
    ],
    [
      "user root without root submissions",
      { rootSubmissions: false },
      { framework: { user: "root" } },
      "subscribe.framework_info.user must not be root on this master, which runs with --root-submissions=false",
    ],
    [
      "suppressed roles beyond the roles",
      {},
      { framework: { roles: ["a"] }, suppressedRoles: ["a", "b"] },
      'subscribe.suppressed_roles must be roles of the framework, has "b"',
    ],
    [
      "constraints for a role that is not its own",
      {},
      { framework: { roles: ["a"] }, offerConstraints: new Map([["b", []]]) },
      'subscribe.offer_constraints.role_constraints must be of roles of the framework, has "b"',
    ],
  ];
  for (const [row, config, subscription, message] of rows) {
    it(`${row}`, () => assert.equal(refusalOf(lead(config), subscription), message));
  }

  it("id of a completed framework", () => {
    const driver = lead();
    const scheduler = driver.subscribe();
    driver.call(scheduler, { kind: "teardown" });
    const { frameworkId } = scheduler;
    const message = `subscribe.framework_info.id must not be of a framework that was removed, is ${frameworkId}`;
    assert.equal(refusalOf(driver, { frameworkId }), message);
  });

  it("known id with another principal", () => {
    const driver = lead();
    const { frameworkId } = driver.subscribe({ principal: "p" });
    const message = 'subscribe.framework_info.principal must stay "p", is "q"';
    assert.equal(refusalOf(driver, { frameworkId, framework: { principal: "q" } }), message);
  });
});

describe("SUBSCRIBE is taken", () => {
  it("role in --roles, and user root where that is allowed", () => {
    assert.equal(refusalOf(lead({ roles: new Set(["*", "a"]) }), { framework: { roles: ["*", "a"], user: "root" } }), undefined);
  });

  it("known id with another user and checkpoint: the first ones stay", () => {
    const driver = lead();
    const { frameworkId } = driver.subscribe({ user: "first" });
    driver.subscribe({ user: "second" }, frameworkId);
    assert.equal(infoOf(driver, frameworkId)?.user, "first");
  });

  it("unknown id: the framework gets it", () => {
    const driver = lead();
    const own = "my-own-id" as FrameworkId;
    assert.equal(driver.subscribe({}, own).frameworkId, own);
  });

  it("connected id: the old stream gets ERROR and ends, its offers are discarded, and the new one hears of no RESCIND", () => {
    const driver = lead();
    driver.register();
    const old = driver.subscribe();
    const offer = driver.takeOffer(old);
    const again = driver.subscribe({}, old.frameworkId);
    assert.equal(driver.takeEvents(old, "error").length, 1);
    assert.equal(driver.closedStreams.has(old.streamId), true);
    assert.deepEqual(driver.takeEvents(again, "rescind"), []);
    assert.notEqual(driver.takeOffer(again).offerId, offer.offerId);
  });

  it("again: suppressed roles and constraints are those of the new subscription", () => {
    const driver = lead();
    driver.register();
    const none = new Map([["*", [[{ selector: { kind: "hostname" }, predicate: { kind: "notExists" } }]]]] as const);
    const first = driver.openStream({ offerConstraints: none });
    const [subscribed] = driver.takeEvents(first, "subscribed");
    assert.equal(driver.takeEvents(first, "offers").length, 0);
    const second = driver.openStream({ frameworkId: subscribed?.frameworkId });
    assert.equal(driver.takeEvents(second, "offers").length, 1);
  });
});

function infoOf(driver: MasterDriver, frameworkId: FrameworkId): FrameworkDescription["info"] | undefined {
  const { frameworks } = driver.operator("getFrameworks").frameworks;
  return frameworks.find(({ frameworkInfo }) => frameworkInfo?.id?.value === frameworkId)?.frameworkInfo;
}
