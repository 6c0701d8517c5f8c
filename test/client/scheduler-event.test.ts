import assert from "node:assert/strict";
import { decodeSchedulerEvent } from "../../client/scheduler-event.ts";
import { Event, Event_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";

type PartialEvent = Parameters<typeof Event.fromPartial>[0];

const decode = (event: PartialEvent) => decodeSchedulerEvent(Event.encode(Event.fromPartial(event)).finish());

describe("events of the SDK", () => {
  it("a subscription has an id and a heartbeat interval, 15 s where the master does not say", () => {
    const subscribed = { frameworkId: { value: "F1" }, masterInfo: { id: "M1", ip: 1, port: 6050 } };
    const event = decode({ type: Event_Type.SUBSCRIBED, subscribed: { ...subscribed, heartbeatIntervalSeconds: 0.5 } });
    assert.ok(event?.kind === "subscribed");
    assert.deepEqual([event.frameworkId, event.heartbeatIntervalMs, event.master?.id], ["F1", 500, "M1"]);
    const silent = decode({ type: Event_Type.SUBSCRIBED, subscribed });
    assert.ok(silent?.kind === "subscribed");
    assert.equal(silent.heartbeatIntervalMs, 15_000);
  });

  it("every kind has its own variant", () => {
    const id = { value: "X1" };
    assert.equal(decode({ type: Event_Type.OFFERS, offers: { offers: [] } })?.kind, "offers");
    assert.equal(decode({ type: Event_Type.INVERSE_OFFERS, inverseOffers: {} })?.kind, "inverseOffers");
    assert.deepEqual(decode({ type: Event_Type.RESCIND, rescind: { offerId: id } }), { kind: "rescind", offerId: "X1" });
    assert.deepEqual(decode({ type: Event_Type.RESCIND_INVERSE_OFFER, rescindInverseOffer: { inverseOfferId: id } }), {
      kind: "rescindInverseOffer",
      inverseOfferId: "X1",
    });
    assert.equal(decode({ type: Event_Type.UPDATE, update: { status: { taskId: id, state: 1 } } })?.kind, "update");
    const status = { operationId: id, state: 2 as const };
    assert.equal(decode({ type: Event_Type.UPDATE_OPERATION_STATUS, updateOperationStatus: { status } })?.kind, "operationUpdate");
    const message = decode({ type: Event_Type.MESSAGE, message: { agentId: id, executorId: id, data: Buffer.from("hi") } });
    assert.ok(message?.kind === "message");
    assert.equal(Buffer.from(message.data).toString(), "hi");
    assert.deepEqual(decode({ type: Event_Type.ERROR, error: { message: "no" } }), { kind: "error", message: "no" });
    assert.deepEqual(decode({ type: Event_Type.HEARTBEAT }), { kind: "heartbeat" });
  });

  it("a failure without an executor is that of an agent", () => {
    assert.deepEqual(decode({ type: Event_Type.FAILURE, failure: { agentId: { value: "A1" } } }), {
      kind: "failure",
      agentId: "A1",
      executorId: undefined,
      status: undefined,
    });
  });

  it("an event of a newer master is passed over", () => {
    assert.equal(decode({ type: Event_Type.UNKNOWN }), undefined);
    assert.equal(decodeSchedulerEvent(Uint8Array.of(0x08, 0x63)), undefined, "type 99");
  });

  it("bytes that are no event are an error", () => {
    assert.throws(() => decodeSchedulerEvent(Uint8Array.of(0x0a, 0xff)));
  });
});
