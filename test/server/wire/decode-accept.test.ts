/** What the edge says of an ACCEPT that would otherwise be taken without any effect. */

import assert from "node:assert/strict";
import { Call, Call_Type } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { decodeSchedulerCall } from "../../../server/wire/decode.ts";

describe("decodeSchedulerCall(): ACCEPT", () => {
  it("refuses a LAUNCH_GROUP of no tasks, which was once taken in silence, offer and all", () => {
    const launchGroup = { executor: { executorId: { value: "e" } }, taskGroup: {} };
    const call = Call.fromPartial({
      type: Call_Type.ACCEPT,
      frameworkId: { value: "F" },
      accept: { offerIds: [{ value: "O1" }], operations: [{ type: 6, launchGroup }] },
    });
    const decoded = decodeSchedulerCall(Call.encode(call).finish());
    assert.deepEqual(decoded.ok ? undefined : decoded.refusal, {
      code: "INVALID_ARGUMENT",
      message: "accept.operations[0].launch_group.task_group.tasks must not be empty",
    });
  });
});
