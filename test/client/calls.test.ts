import assert from "node:assert/strict";
import {
  acceptCall,
  acceptInverseOffersCall,
  acknowledgeCall,
  acknowledgeOperationCall,
  declineCall,
  declineInverseOffersCall,
  killCall,
  launchOperation,
  reconcileCall,
  reconcileOperationsCall,
  requestCall,
  reviveCall,
  subscribeCall,
  suppressCall,
  teardownCall,
} from "../../client/calls.ts";
import { FrameworkInfo, OperationStatus, TaskInfo, TaskStatus } from "../../protos/gen/mesos/v1/mesos.ts";
import { Call } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";

/** What a master would read, as JSON with the field names of Mesos. */
const onTheWire = (call: Call | undefined): unknown => call && Call.toJSON(Call.decode(Call.encode(call).finish()));

const id = (value: string) => ({ value });

describe("calls of the SDK", () => {
  it("SUBSCRIBE names the framework twice when it has an id, as Mesos wants it", () => {
    const again = FrameworkInfo.fromPartial({ user: "root", name: "f", id: id("F1") });
    assert.deepEqual(onTheWire(subscribeCall({ framework: again, suppressedRoles: ["quiet"], offerConstraints: undefined })), {
      type: "SUBSCRIBE",
      framework_id: id("F1"),
      subscribe: { framework_info: { user: "root", name: "f", id: id("F1") }, suppressed_roles: ["quiet"] },
    });
    const framework = FrameworkInfo.fromPartial({ user: "root", name: "f" });
    const fresh = onTheWire(subscribeCall({ framework, suppressedRoles: [], offerConstraints: undefined })) as Record<string, unknown>;
    assert.equal("framework_id" in fresh, false);
  });

  it("ACCEPT carries offers, operations in their order, and filters only where they are given", () => {
    const task = TaskInfo.fromPartial({ name: "t", taskId: id("T1"), agentId: id("A1") });
    const plain = onTheWire(acceptCall(["O1", "O2"], [launchOperation([task])], undefined));
    assert.deepEqual(plain, {
      type: "ACCEPT",
      accept: {
        offer_ids: [id("O1"), id("O2")],
        operations: [{ type: "LAUNCH", launch: { task_infos: [{ name: "t", task_id: id("T1"), agent_id: id("A1") }] } }],
      },
    });
    const filtered = onTheWire(acceptCall(["O1"], [], 0)) as { accept: { filters: unknown } };
    assert.deepEqual(filtered.accept.filters, { refuse_seconds: 0 });
  });

  it("DECLINE, REVIVE, SUPPRESS and TEARDOWN say what they are", () => {
    assert.deepEqual(onTheWire(declineCall(["O1"], 3.5)), {
      type: "DECLINE",
      decline: { offer_ids: [id("O1")], filters: { refuse_seconds: 3.5 } },
    });
    assert.deepEqual(onTheWire(reviveCall([])), { type: "REVIVE", revive: {} });
    assert.deepEqual(onTheWire(suppressCall(["a", "b"])), { type: "SUPPRESS", suppress: { roles: ["a", "b"] } });
    assert.deepEqual(onTheWire(teardownCall()), { type: "TEARDOWN" });
  });

  it("answers to inverse offers, and wishes, say what they are", () => {
    assert.deepEqual(onTheWire(acceptInverseOffersCall(["I1"], undefined)), {
      type: "ACCEPT_INVERSE_OFFERS",
      accept_inverse_offers: { inverse_offer_ids: [id("I1")] },
    });
    assert.deepEqual(onTheWire(declineInverseOffersCall(["I1", "I2"], 60)), {
      type: "DECLINE_INVERSE_OFFERS",
      decline_inverse_offers: { inverse_offer_ids: [id("I1"), id("I2")], filters: { refuse_seconds: 60 } },
    });
    assert.deepEqual(onTheWire(requestCall([{ agentId: id("A1"), resources: [] }])), {
      type: "REQUEST",
      request: { requests: [{ agent_id: id("A1") }] },
    });
  });

  it("KILL turns milliseconds into the nanoseconds of a kill policy", () => {
    assert.deepEqual(onTheWire(killCall("T1", undefined, undefined)), { type: "KILL", kill: { task_id: id("T1") } });
    const call = killCall("T1", "A1", 1_500.25);
    assert.equal(call.kill?.killPolicy?.gracePeriod?.nanoseconds, 1_500_250_000n);
    assert.equal(call.kill?.agentId?.value, "A1");
  });

  it("ACKNOWLEDGE exists only for an update that wants one", () => {
    const status = TaskStatus.fromPartial({ taskId: id("T1"), agentId: id("A1"), state: 1, uuid: Buffer.from("0123456789abcdef") });
    const call = acknowledgeCall(status)?.acknowledge;
    assert.deepEqual([call?.taskId?.value, call?.agentId?.value], ["T1", "A1"]);
    assert.equal(Buffer.from(call?.uuid ?? []).toString(), "0123456789abcdef");
    assert.equal(acknowledgeCall({ ...status, uuid: undefined }), undefined);
    assert.equal(acknowledgeCall({ ...status, uuid: new Uint8Array() }), undefined);
    assert.equal(acknowledgeCall({ ...status, agentId: undefined }), undefined);
  });

  it("ACKNOWLEDGE_OPERATION_STATUS exists only for a status that wants one", () => {
    const uuid = { value: Buffer.from("0123456789abcdef") };
    const status = OperationStatus.fromPartial({ operationId: id("op"), agentId: id("A1"), state: 2, uuid });
    const call = acknowledgeOperationCall(status)?.acknowledgeOperationStatus;
    assert.deepEqual([call?.operationId?.value, call?.agentId?.value], ["op", "A1"]);
    assert.equal(Buffer.from(call?.uuid ?? []).toString(), "0123456789abcdef");
    assert.equal(acknowledgeOperationCall({ ...status, uuid: undefined }), undefined);
  });

  it("RECONCILE_OPERATIONS names an agent only where it is known", () => {
    assert.deepEqual(onTheWire(reconcileOperationsCall([{ operationId: "a" }, { operationId: "b", agentId: "A1" }])), {
      type: "RECONCILE_OPERATIONS",
      reconcile_operations: { operations: [{ operation_id: id("a") }, { operation_id: id("b"), agent_id: id("A1") }] },
    });
  });

  it("RECONCILE names an agent only where it is known", () => {
    assert.deepEqual(onTheWire(reconcileCall([{ taskId: "T1" }, { taskId: "T2", agentId: "A1" }])), {
      type: "RECONCILE",
      reconcile: { tasks: [{ task_id: id("T1") }, { task_id: id("T2"), agent_id: id("A1") }] },
    });
    assert.deepEqual(onTheWire(reconcileCall([])), { type: "RECONCILE", reconcile: {} });
  });
});
