import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { CallError } from "../../client/call-error.ts";
import { reviveCall, subscribeCall } from "../../client/calls.ts";
import { decodeSchedulerEvent } from "../../client/scheduler-event.ts";
import { Subscription, type SubscriptionEnd } from "../../client/subscription.ts";
import { FrameworkInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { FakeMaster, type FakeMasterOptions, heartbeatEvent, subscribedEvent } from "./fake-master.ts";

const subscribe = Call.encode(
  subscribeCall({ framework: FrameworkInfo.fromPartial({ user: "root", name: "f" }), suppressedRoles: [], offerConstraints: undefined }),
).finish();
const revive = (roles: readonly string[]): Uint8Array => Call.encode(reviveCall(roles)).finish();

async function open(options: FakeMasterOptions = {}) {
  const master = await FakeMaster.start(options);
  const subscription = new Subscription(master.address, subscribe);
  const events = subscription.events();
  const next = async (): Promise<string> => {
    const result = await events.next();
    return result.done ? describeEnd(result.value) : (decodeSchedulerEvent(result.value)?.kind ?? "unknown");
  };
  const dispose = async (): Promise<void> => {
    subscription.close();
    await master[Symbol.asyncDispose]();
  };
  return { master, subscription, next, [Symbol.asyncDispose]: dispose };
}

const describeEnd = ({ code, reason, leader }: SubscriptionEnd): string =>
  `${code}: ${reason}${leader === undefined ? "" : ` -> ${leader}`}`;

async function rejection(promise: Promise<void>): Promise<CallError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CallError, `should be a CallError, is ${error}`);
  return error;
}

describe("Subscription", () => {
  it("hands out events in order and learns its stream id with the first", async () => {
    await using scene = await open({ onSubscribe: (one) => one.send(subscribedEvent(), heartbeatEvent(), heartbeatEvent()) });
    assert.equal(scene.subscription.streamId, undefined);
    assert.deepEqual([await scene.next(), await scene.next(), await scene.next()], ["subscribed", "heartbeat", "heartbeat"]);
    assert.equal(scene.subscription.streamId, "stream-0");
  });

  it("makes calls in their order and settles each by its own result", async () => {
    await using scene = await open({
      onCall: (call) => (call.type === Call_Type.REVIVE ? { code: 3, message: "revive.roles must be known" } : { code: 0, message: "" }),
    });
    await scene.next();
    const { subscription } = scene;
    const refused = subscription.send("REVIVE", revive(["x"]));
    const taken = subscription.send("SUBSCRIBE", subscribe);
    const error = await rejection(refused);
    assert.equal(error.message, "REVIVE was refused: INVALID_ARGUMENT: revive.roles must be known");
    assert.deepEqual([error.code, error.call, error.refused], ["INVALID_ARGUMENT", "REVIVE", true]);
    await taken;
    assert.deepEqual(
      scene.master.subscriptions[0]?.calls.map(({ type }) => type),
      [Call_Type.REVIVE, Call_Type.SUBSCRIBE],
    );
  });

  it("refuses a call before the master has accepted the subscription, and after the end", async () => {
    await using scene = await open();
    const early = await rejection(scene.subscription.send("REVIVE", revive([])));
    assert.deepEqual([early.code, early.refused], ["FAILED_PRECONDITION", true]);
    await scene.next();
    scene.subscription.close();
    const late = await rejection(scene.subscription.send("REVIVE", revive([])));
    assert.deepEqual([late.code, late.refused], ["FAILED_PRECONDITION", true]);
    assert.equal(await scene.next(), "CANCELLED: closed by the framework");
  });

  it("says that nobody knows about calls whose answer got lost", async () => {
    await using scene = await open({
      onCall: (_, one) => {
        one.refuse(status.UNAVAILABLE, "the master ends");
        return undefined;
      },
    });
    await scene.next();
    const waiting = [1, 2].map(() => scene.subscription.send("REVIVE", revive([])));
    const ended = scene.next();
    for (const error of await Promise.all(waiting.map(rejection))) {
      assert.deepEqual([error.code, error.refused], ["UNAVAILABLE", false]);
      assert.match(error.message, /^REVIVE has an unknown outcome: UNAVAILABLE: /);
    }
    assert.equal(await ended, "UNAVAILABLE: the master ends");
  });

  it("ends when its stream of calls ends", async () => {
    await using scene = await open({
      onCall: (_, one) => {
        one.endCalls();
        return undefined;
      },
    });
    await scene.next();
    const error = await rejection(scene.subscription.send("REVIVE", revive([])));
    assert.equal(error.refused, false);
    assert.equal(await scene.next(), "UNAVAILABLE: the master ended the stream of calls");
  });

  it("tells where the leader is when the master knows", async () => {
    await using scene = await open({ onSubscribe: (one) => one.refuse(status.FAILED_PRECONDITION, "this master does not lead", "h:1") });
    assert.equal(await scene.next(), "FAILED_PRECONDITION: this master does not lead -> h:1");
  });

  it("ends without an exception when nobody listens", async () => {
    const scene = await open();
    const { address } = scene.master;
    await scene[Symbol.asyncDispose]();
    const orphan = new Subscription(address, subscribe);
    const result = await orphan.events().next();
    assert.ok(result.done);
    assert.equal(result.value.code, "UNAVAILABLE");
  });

  it("ends as OK when the master ends the stream in order", async () => {
    await using scene = await open({ onSubscribe: (one) => one.end() });
    assert.equal(await scene.next(), "OK: the master ended the stream");
  });
});
