/** Generated code keeps the presence rules of proto2, so that strict readers in other languages take what we write. */

import assert from "node:assert/strict";
import { Filters, FrameworkInfo, Resource, RLimitInfo_RLimit, Value_Range } from "../../protos/gen/mesos/v1/mesos.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("generated code", () => {
  it("writes required fields that hold their default", () => {
    assert.equal(hexOf(Resource.encode(Resource.fromPartial({ name: "", type: 0 })).finish()), "0a001000");
    assert.equal(hexOf(Value_Range.encode({ begin: 0n, end: 0n }).finish()), "08001000");
  });
  it("writes optional fields that are set to their default, and only those that are set", () => {
    assert.equal(hexOf(Filters.encode({ refuseSeconds: 5 }).finish()), "090000000000001440");
    assert.equal(hexOf(Filters.encode({}).finish()), "");
  });
  it("reads absent optional fields as undefined and absent lists as empty", () => {
    assert.deepEqual(Filters.decode(new Uint8Array(0)), { refuseSeconds: undefined });
    const info = FrameworkInfo.decode(new Uint8Array(0));
    assert.deepEqual([info.role, info.checkpoint, info.roles], [undefined, undefined, []]);
    assert.equal(FrameworkInfo.fromPartial({}).role, undefined);
    // A limit of the kernel that nobody gave is unlimited, and 0 the opposite.
    assert.deepEqual(RLimitInfo_RLimit.fromPartial({ type: 1 }), { type: 1, hard: undefined, soft: undefined });
    assert.deepEqual(Value_Range.fromPartial({ end: 7n }), { begin: 0n, end: 7n });
    assert.equal(FrameworkInfo.fromJSON({}).failoverTimeout, undefined);
  });
  it("leaves messages of proto3 as they are", () => {
    assert.equal(CallResult.encode({ index: 0n, code: 0, message: "", response: undefined }).finish().length, 0);
  });
});
