import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { CallError } from "../../client/call-error.ts";
import { SubscriptionRefusedError } from "../../client/scheduler-driver.ts";
import { ExecutorInfo, ExecutorInfo_Type, Offer_Operation_Type, TaskInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { type Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { driverFor, stopAtHeartbeat } from "./driver-for.ts";
import { errorEvent, FakeMaster, heartbeatEvent, rescindEvent, subscribedEvent, updateEvent } from "./fake-master.ts";

describe("SchedulerDriver", () => {
  it("wants at least one master", () => {
    assert.throws(() => driverFor([]), /masters must name at least one host:port/);
  });

  it("follows a master's hint to the leader at once", async () => {
    await using leader = await FakeMaster.start({ onSubscribe: (one) => one.send(subscribedEvent(), heartbeatEvent()) });
    await using standby = await FakeMaster.start({
      onSubscribe: (one) => one.refuse(status.FAILED_PRECONDITION, "standby", leader.address),
    });
    const { driver, losses, kinds } = driverFor([standby.address], { ...stopAtHeartbeat, reconnectMinMs: 60_000, reconnectMaxMs: 60_000 });
    await driver.run();
    assert.deepEqual(kinds(), ["subscribed", "heartbeat"]);
    assert.deepEqual(losses, [], "a hint is no loss, and nothing was waited for");
  });

  it("waits between rounds when two masters point at each other", async () => {
    let other = "";
    await using first = await FakeMaster.start({ onSubscribe: (one) => one.refuse(status.FAILED_PRECONDITION, "not me", other) });
    await using second = await FakeMaster.start({ onSubscribe: (one) => one.refuse(status.FAILED_PRECONDITION, "nor me", first.address) });
    other = second.address;
    const rounds = 5;
    const { driver, losses } = driverFor([first.address], {
      onDisconnected: (reason) => {
        losses.push(reason);
        if (losses.length === rounds) driver.stop();
      },
    });
    await driver.run();
    assert.deepEqual(losses, Array(rounds).fill(`${second.address}: FAILED_PRECONDITION: nor me`));
    assert.deepEqual([first.subscriptions.length, second.subscriptions.length], [rounds, rounds]);
  });

  it("tries every master of its list, also when one of them gives a hint that leads nowhere", async () => {
    await using gone = await FakeMaster.start();
    const nowhere = gone.address;
    await gone[Symbol.asyncDispose]();
    await using misled = await FakeMaster.start({ onSubscribe: (one) => one.refuse(status.FAILED_PRECONDITION, "try there", nowhere) });
    await using leader = await FakeMaster.start({ onSubscribe: (one) => one.send(subscribedEvent(), heartbeatEvent()) });
    const { driver, losses } = driverFor([misled.address, leader.address], stopAtHeartbeat);
    await driver.run();
    assert.equal(losses.length, 1);
    assert.ok(losses[0]?.startsWith(`${nowhere}: UNAVAILABLE`), losses[0]);
  });

  it("comes back after each loss with the id that it was given", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one, number) => {
        one.send(subscribedEvent({ frameworkId: "F7" }));
        if (number < 3) one.end();
        else one.send(heartbeatEvent());
      },
    });
    const { driver, losses } = driverFor([master.address], stopAtHeartbeat);
    assert.equal(driver.frameworkId, undefined);
    await driver.run();
    assert.equal(driver.frameworkId, "F7");
    assert.deepEqual(
      master.subscriptions.map(({ subscribe }) => [subscribe.frameworkId?.value, subscribe.subscribe?.frameworkInfo?.id?.value]),
      [[undefined, undefined], ...Array(3).fill(["F7", "F7"])],
    );
    assert.deepEqual(losses, Array(3).fill(`${master.address}: OK: the master ended the stream`));
  });

  it("hands out one event after the other and holds a faster master back", async () => {
    const total = 2_000;
    const padding = "x".repeat(10_000);
    let refusedWrites = 0;
    await using master = await FakeMaster.start({
      onSubscribe: (one) => {
        one.send(subscribedEvent());
        const { promise: released, resolve } = Promise.withResolvers<void>();
        release = resolve;
        for (let index = 0; index < total; index++) one.send(rescindEvent(`${index}-${padding}`));
        if (!one.sendBytes(Buffer.alloc(0))) refusedWrites++;
        void released.then(() => one.send(heartbeatEvent()));
      },
    });
    let release = (): void => undefined;
    let active = 0;
    const order: number[] = [];
    const { driver } = driverFor([master.address], {
      onEvent: async (event, own) => {
        active++;
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(active, 1, "an event was handed out while the one before was being handled");
        active--;
        if (event.kind === "rescind") order.push(Number.parseInt(event.offerId, 10));
        if (order.length === total) release();
        if (event.kind === "heartbeat") own.stop();
      },
    });
    await driver.run();
    assert.deepEqual(order, [...Array(total).keys()]);
    assert.equal(refusedWrites, 1, "the master's stream takes everything although nobody reads");
  });

  it("acknowledges an update by itself once it was handled, and only where there is something to acknowledge", async () => {
    const handledBefore = Promise.withResolvers<number>();
    let handled = 0;
    await using master = await FakeMaster.start({
      onSubscribe: (one) => one.send(subscribedEvent(), updateEvent("T1", undefined), updateEvent("T2", "uuid-of-16-bytes")),
      onCall: () => {
        handledBefore.resolve(handled);
        return { code: 0, message: "" };
      },
    });
    const { driver } = driverFor([master.address], {
      onEvent: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        handled++;
      },
    });
    const run = driver.run();
    assert.equal(await handledBefore.promise, 3, "subscribed and both updates");
    driver.stop();
    await run;
    assert.deepEqual(
      master.subscriptions[0]?.calls.map(({ type, acknowledge }) => [type, acknowledge?.taskId?.value]),
      [[Call_Type.ACKNOWLEDGE, "T2"]],
    );
  });

  it("tells of an acknowledgement that is refused", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => one.send(subscribedEvent(), updateEvent("T1", "uuid-of-16-bytes")),
      onCall: () => ({ code: status.INVALID_ARGUMENT, message: "acknowledge.uuid must be of a known update" }),
    });
    const refused = Promise.withResolvers<CallError>();
    const { driver } = driverFor([master.address], { onAcknowledgementRefused: refused.resolve });
    const run = driver.run();
    assert.match((await refused.promise).message, /^ACKNOWLEDGE was refused: INVALID_ARGUMENT: acknowledge.uuid must/);
    driver.stop();
    await run;
  });

  it("leaves acknowledgements to a framework that wants to make them", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) =>
        one.send(subscribedEvent(), updateEvent("T1", "first-of-16-byte"), updateEvent("T2", "other-of-16-byte"), heartbeatEvent()),
    });
    const { driver } = driverFor([master.address], {
      acknowledgements: "explicit",
      onEvent: async (event, own) => {
        if (event.kind === "update" && event.status.taskId?.value === "T2") await own.acknowledge(event.status);
        if (event.kind === "heartbeat") own.stop();
      },
    });
    await driver.run();
    assert.deepEqual(
      master.subscriptions[0]?.calls.map(({ acknowledge }) => acknowledge?.taskId?.value),
      ["T2"],
    );
  });

  it("rejects when the master refuses the framework by an ERROR event, which is handed out first", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => {
        one.send(errorEvent("subscribe.framework_info.id must not be of a framework that was removed"));
        one.end();
      },
    });
    const { driver, kinds } = driverFor([master.address]);
    await assert.rejects(
      driver.run(),
      (error) => error instanceof SubscriptionRefusedError && /must not be of a framework/.test(error.message),
    );
    assert.deepEqual(kinds(), ["error"]);
    assert.equal(master.subscriptions.length, 1);
  });

  it("rejects when SUBSCRIBE breaks a rule, and does not try again", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => one.refuse(status.INVALID_ARGUMENT, "subscribe.framework_info.user must be set"),
    });
    const { driver, losses } = driverFor([master.address]);
    await assert.rejects(driver.run(), {
      name: "SubscriptionRefusedError",
      message: /INVALID_ARGUMENT: subscribe\.framework_info\.user must be set$/,
    });
    assert.equal(master.subscriptions.length, 1);
    assert.deepEqual(losses, []);
  });

  it("rejects with what the framework's own code throws, and drops the subscription", async () => {
    await using master = await FakeMaster.start();
    const { driver } = driverFor([master.address], {
      onEvent: () => {
        throw new Error("the framework's own bug");
      },
    });
    await assert.rejects(driver.run(), /the framework's own bug/);
    await assert.rejects(driver.revive(), { name: "CallError", code: "FAILED_PRECONDITION", refused: true });
  });

  it("refuses a call while it is not subscribed", async () => {
    const { driver } = driverFor(["127.0.0.1:1"]);
    await assert.rejects(driver.kill("T1"), {
      name: "CallError",
      refused: true,
      message: /^KILL was refused: FAILED_PRECONDITION: the framework is not subscribed/,
    });
  });

  it("hands out nothing more after stop, not even what it had received", async () => {
    await using master = await FakeMaster.start({
      onSubscribe: (one) => one.send(subscribedEvent(), ...Array.from({ length: 20 }, (_, index) => rescindEvent(`O${index}`))),
    });
    const { driver, kinds } = driverFor([master.address], {
      onEvent: (event, own) => {
        if (event.kind === "rescind") own.stop();
      },
    });
    await driver.run();
    assert.deepEqual(kinds(), ["subscribed", "rescind"]);
  });

  it("stops at once while it waits for its next attempt", async () => {
    const waiting = Promise.withResolvers<void>();
    const { driver } = driverFor(["127.0.0.1:1"], {
      reconnectMinMs: 3_600_000,
      reconnectMaxMs: 3_600_000,
      onDisconnected: () => waiting.resolve(),
    });
    const run = driver.run();
    await waiting.promise;
    driver.stop();
    await run;
  });

  it("says with each subscription what an update made of the framework, unless that was refused", async () => {
    const updates: Call[] = [];
    await using master = await FakeMaster.start({
      onSubscribe: (one, number) => {
        one.send(subscribedEvent({ frameworkId: "F7" }));
        if (number > 0) one.send(heartbeatEvent());
      },
      onCall: (call, one) => {
        updates.push(call);
        if (updates.length === 2) setImmediate(() => one.end());
        return updates.length === 1 ? { code: 0, message: "" } : { code: status.INVALID_ARGUMENT, message: "user must stay" };
      },
    });
    const groups = [{ attributeConstraints: [{ selector: { attributeName: "rack" } }] }];
    const { driver } = driverFor([master.address], {
      suppressedRoles: ["a"],
      onEvent: async (event, own) => {
        if (event.kind === "heartbeat") return own.stop();
        if (updates.length > 0) return;
        const offerConstraints = { roleConstraints: { b: { groups } } };
        await own.updateFramework({ framework: { user: "root", name: "renamed" }, suppressedRoles: ["b"], offerConstraints });
        await assert.rejects(own.updateFramework({ framework: { user: "other", name: "f" } }), { refused: true });
      },
    });
    await driver.run();
    assert.deepEqual(updates[0]?.updateFramework?.frameworkInfo?.id, { value: "F7" });
    const [first, second] = master.subscriptions.map(({ subscribe }) => subscribe.subscribe);
    assert.deepEqual([first?.frameworkInfo?.name, first?.suppressedRoles, first?.offerConstraints], ["f", ["a"], undefined]);
    assert.deepEqual([second?.frameworkInfo?.name, second?.suppressedRoles], ["renamed", ["b"]]);
    assert.deepEqual(second?.offerConstraints, updates[0]?.updateFramework?.offerConstraints);
    assert.equal(second?.offerConstraints?.roleConstraints["b"]?.groups.length, 1);
  });

  it("launches a group in an executor of its own framework", async () => {
    await using master = await FakeMaster.start();
    const executor = ExecutorInfo.fromPartial({ executorId: { value: "E" }, type: ExecutorInfo_Type.DEFAULT });
    const task = TaskInfo.fromPartial({ name: "t", taskId: { value: "T" }, agentId: { value: "A" } });
    const { driver } = driverFor([master.address], {
      onEvent: async (_, own) => {
        await own.launchGroup(["O"], { executor, tasks: [task] }, 1);
        own.stop();
      },
    });
    await driver.run();
    const [call] = master.subscriptions[0]?.calls ?? [];
    const [operation] = call?.accept?.operations ?? [];
    assert.deepEqual([call?.accept?.offerIds, operation?.type], [[{ value: "O" }], Offer_Operation_Type.LAUNCH_GROUP]);
    assert.deepEqual(operation?.launchGroup?.executor, { ...executor, frameworkId: { value: "F1" } });
    assert.deepEqual(
      operation?.launchGroup?.taskGroup?.tasks.map(({ taskId }) => taskId?.value),
      ["T"],
    );
  });

  it("ends after a teardown that the master took, and lives on after one that it refused", async () => {
    let answers = 0;
    await using master = await FakeMaster.start({
      onCall: () => (answers++ === 0 ? { code: status.UNAVAILABLE, message: "the master recovers" } : { code: 0, message: "" }),
    });
    const { driver } = driverFor([master.address], {
      onEvent: async (_, own) => {
        await assert.rejects(own.teardown(), { code: "UNAVAILABLE", refused: true });
        await own.teardown();
      },
    });
    await driver.run();
    assert.deepEqual(
      master.subscriptions[0]?.calls.map(({ type, frameworkId }) => [type, frameworkId?.value]),
      Array(2).fill([Call_Type.TEARDOWN, "F1"]),
    );
  });
});
