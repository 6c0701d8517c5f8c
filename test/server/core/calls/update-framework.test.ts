/** UPDATE_FRAMEWORK and REQUEST, the rows of spec "Calls": all or nothing, durable before the answer. */

import assert from "node:assert/strict";
import { type FrameworkId, InverseOfferId } from "../../../../common/ids.ts";
import type { FrameworkDescription, FrameworkSettings, UpdateFrameworkCall } from "../../../../server/core/calls/call.ts";
import { pendingUpdatesMax } from "../../../../server/core/limits.ts";
import { describeFramework, MasterDriver, type Scheduler, TestRegistry } from "../master-driver.ts";

function start(framework: Partial<FrameworkDescription> = { roles: ["a", "b"], multiRole: true }) {
  const driver = new MasterDriver().lead();
  const scheduler = driver.subscribe(framework);
  return { driver, scheduler };
}

function update(framework: Partial<FrameworkDescription>, rest: Partial<FrameworkSettings> = {}): UpdateFrameworkCall {
  const described = describeFramework(framework);
  const { name, user, principal, roles } = described;
  const info = { ...described.info, name, user, principal, roles: [...roles] };
  return { kind: "updateFramework", framework: { ...described, info }, suppressedRoles: [], offerConstraints: new Map(), ...rest };
}

function rolesOf(driver: MasterDriver, { frameworkId }: Scheduler): readonly string[] {
  const { frameworks } = driver.operator("getFrameworks").frameworks;
  return frameworks.find(({ frameworkInfo }) => frameworkInfo?.id?.value === frameworkId)?.frameworkInfo?.roles ?? [];
}

const withId = (frameworkId: FrameworkId, fields: Partial<FrameworkDescription>): UpdateFrameworkCall => {
  const call = update(fields);
  return { ...call, framework: { ...call.framework, info: { ...call.framework.info, id: { value: frameworkId } } } };
};

describe("UPDATE_FRAMEWORK", () => {
  it("is answered, and shown to operators, only once it is durable", () => {
    const { driver, scheduler } = start();
    driver.writesAtOnce = false;
    const callId = driver.startCall(scheduler, withId(scheduler.frameworkId, { roles: ["b", "c"] }));
    assert.equal(driver.isAnswered(callId), false);
    assert.deepEqual(rolesOf(driver, scheduler), []);
    driver.writeDone();
    assert.equal(driver.isAnswered(callId), true);
    assert.equal(driver.refusalOf(callId), undefined);
    assert.deepEqual(rolesOf(driver, scheduler), ["b", "c"]);
  });

  it("is what the next leader knows", () => {
    const registry = new TestRegistry();
    const driver = new MasterDriver({}, registry).lead();
    const scheduler = driver.subscribe({ roles: ["a"] });
    driver.call(scheduler, update({ roles: ["c"], failoverTimeoutMs: 5_000 }));
    const record = registry.records.get(`framework/${scheduler.frameworkId}`);
    assert.ok(record?.kind === "framework");
    assert.deepEqual([record.framework.roles, record.framework.failoverTimeoutMs, record.state.kind], [["c"], 5_000, "active"]);
  });

  it("rescinds the offers of roles that are left, keeps the others, and keeps tasks", () => {
    const { driver, scheduler } = start({ roles: ["a"], multiRole: true });
    const agent = driver.register();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.call(scheduler, { kind: "revive", roles: [] });
    const old = driver.takeOffer(scheduler);
    driver.call(scheduler, update({ roles: ["b"], multiRole: true }));
    assert.deepEqual(driver.takeEvents(scheduler, "rescind"), [{ kind: "rescind", offerId: old.offerId }]);
    assert.equal(driver.takeOffer(scheduler).role, "b");
    driver.call(scheduler, update({ roles: ["b", "c"], multiRole: true }));
    assert.deepEqual(driver.takeEvents(scheduler, "rescind"), []);
    assert.equal(driver.takeMessages(agent, "killTask").length, 0);
    assert.equal(driver.operator("getTasks").tasks.tasks.length, 1);
  });

  it("takes away the filters of roles that are not suppressed any more, and only of those", () => {
    const { driver, scheduler } = start({ roles: ["a"], multiRole: true });
    driver.register();
    driver.call(scheduler, { kind: "decline", offerIds: [driver.takeOffer(scheduler).offerId], refuseMs: 3_600_000 });
    driver.call(scheduler, update({ roles: ["a"], multiRole: true }));
    assert.equal(driver.takeOffers(scheduler).length, 0);
    driver.call(scheduler, update({ roles: ["a"], multiRole: true }, { suppressedRoles: ["a"] }));
    driver.call(scheduler, update({ roles: ["a"], multiRole: true }));
    assert.equal(driver.takeOffers(scheduler).length, 1);
  });

  it("replaces the set of suppressed roles", () => {
    const { driver, scheduler } = start();
    driver.call(scheduler, { kind: "suppress", roles: ["a"] });
    driver.call(scheduler, update({ roles: ["a", "b"], multiRole: true }, { suppressedRoles: ["b"] }));
    driver.register();
    assert.equal(driver.takeOffer(scheduler).role, "a");
    driver.call(scheduler, update({ roles: ["a", "b"], multiRole: true }, { suppressedRoles: ["a", "b"] }));
    driver.register(undefined, "second");
    assert.equal(driver.takeOffers(scheduler).length, 0);
  });

  it("tells the agents of its tasks when the info changed, and only then; the scheduler is the same", () => {
    const { driver, scheduler } = start({ roles: ["a"], multiRole: true });
    const agent = driver.register();
    driver.launch(scheduler, driver.takeOffer(scheduler));
    driver.call(scheduler, update({ roles: ["a"], multiRole: true, name: "renamed" }));
    const told = driver.takeMessages(agent, "updateFramework");
    assert.deepEqual(
      told.map(({ framework, sameScheduler }) => [framework.name, sameScheduler]),
      [["renamed", true]],
    );
    driver.call(scheduler, update({ roles: ["a"], multiRole: true, name: "renamed" }, { suppressedRoles: ["a"] }));
    assert.equal(driver.takeMessages(agent, "updateFramework").length, 0);
  });

  const forbidden: readonly [name: string, call: UpdateFrameworkCall, message: string][] = [
    ["the principal", update({ roles: ["c"], principal: "p" }), 'update_framework.framework_info.principal must stay absent, is "p"'],
    ["the user", update({ roles: ["c"], user: "root" }), 'update_framework.framework_info.user must stay "user", is "root"'],
    ["checkpoint", withCheckpoint(update({ roles: ["c"] })), "update_framework.framework_info.checkpoint must stay true, is false"],
    [
      "a suppressed role that is not its own",
      update({ roles: ["c"] }, { suppressedRoles: ["a"] }),
      'update_framework.suppressed_roles must be roles of the framework, has "a"',
    ],
    [
      "constraints for a role that is not its own",
      update({ roles: ["c"] }, { offerConstraints: new Map([["a", []]]) }),
      'update_framework.offer_constraints.role_constraints must be of roles of the framework, has "a"',
    ],
  ];
  for (const [name, call, message] of forbidden) {
    it(`with ${name} is refused whole`, () => {
      const { driver, scheduler } = start();
      const before = driver.registry.version;
      assert.deepEqual(driver.call(scheduler, call), { code: "INVALID_ARGUMENT", message });
      assert.equal(driver.registry.version, before);
      driver.register();
      assert.notEqual(driver.takeOffer(scheduler).role, "c");
    });
  }

  it("is refused while another scheduler of the framework subscribes: that one's settings win", () => {
    const { driver, scheduler } = start();
    driver.writesAtOnce = false;
    const streamId = driver.openStream({ frameworkId: scheduler.frameworkId, framework: { roles: ["new"] } });
    assert.equal(driver.call(scheduler, update({ roles: ["old"] }))?.code, "UNAVAILABLE");
    driver.writeDone();
    driver.writesAtOnce = true;
    driver.register();
    assert.equal(driver.takeOffer({ ...scheduler, streamId }).role, "new");
  });

  it("holds for the failover timeout of a scheduler that leaves before the answer, and for what the registry keeps of it", () => {
    const { driver, scheduler } = start();
    driver.writesAtOnce = false;
    driver.startCall(scheduler, update({ roles: ["c"], failoverTimeoutMs: 1_000 }));
    driver.closeStream(scheduler);
    driver.writeDone();
    driver.writeDone();
    driver.writesAtOnce = true;
    const record = driver.registry.records.get(`framework/${scheduler.frameworkId}`);
    assert.ok(record?.kind === "framework" && record.state.kind === "disconnected");
    assert.deepEqual(record.framework.roles, ["c"]);
    driver.advance(1_000);
    assert.equal(driver.operator("getFrameworks").frameworks.completedFrameworks.length, 1);
  });

  it("is refused when many of them wait for the registry already, and taken when they are written", () => {
    const { driver, scheduler } = start();
    driver.writesAtOnce = false;
    const callIds = Array.from({ length: pendingUpdatesMax }, () => driver.startCall(scheduler, update({ roles: ["c"] })));
    assert.equal(driver.call(scheduler, update({ roles: ["c"] }))?.code, "RESOURCE_EXHAUSTED");
    while (driver.writes.length > 0) driver.writeDone();
    assert.ok(callIds.every((callId) => driver.isAnswered(callId) && driver.refusalOf(callId) === undefined));
    driver.writesAtOnce = true;
    assert.equal(driver.call(scheduler, update({ roles: ["d"] })), undefined);
  });

  it("is compared with the update before it, even when that is not durable yet", () => {
    const { driver, scheduler } = start();
    driver.writesAtOnce = false;
    const [first, second] = [["c"], ["d"]].map((roles) => driver.startCall(scheduler, withId(scheduler.frameworkId, { roles })));
    while (driver.writes.length > 0) driver.writeDone();
    assert.deepEqual([driver.isAnswered(first ?? 0), driver.isAnswered(second ?? 0)], [true, true]);
    assert.deepEqual(rolesOf(driver, scheduler), ["d"]);
  });
});

describe("REQUEST", () => {
  it("is taken, logged, and has no effect", () => {
    const { driver, scheduler } = start();
    assert.equal(driver.call(scheduler, { kind: "request", requestCount: 2 }), undefined);
    assert.deepEqual(driver.takeAllEvents(scheduler), []);
    const logged = driver.effects.findLast((effect) => effect.kind === "log");
    assert.ok(logged?.kind === "log");
    assert.deepEqual(logged.fields, { frameworkId: scheduler.frameworkId, requests: 2 });
  });
});

describe("answers to inverse offers", () => {
  it("that are not outstanding are skipped, and the call is no error", () => {
    const { driver, scheduler } = start();
    const inverseOfferIds = [InverseOfferId("I1"), InverseOfferId("I2")];
    for (const accepts of [true, false]) {
      assert.equal(driver.call(scheduler, { kind: "answerInverseOffers", accepts, inverseOfferIds, refuseMs: 5_000 }), undefined);
      assert.deepEqual(driver.takeAllEvents(scheduler), []);
    }
  });
});

function withCheckpoint(call: UpdateFrameworkCall): UpdateFrameworkCall {
  return { ...call, framework: { ...call.framework, info: { ...call.framework.info, checkpoint: false } } };
}
