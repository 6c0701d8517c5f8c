/** What the fuzzer learns from answers: ids and uuids, newest first, its own apart from those of others. */

import assert from "node:assert/strict";
import { readFuzzSchema } from "../../../harness/fuzz/fuzz-cluster.ts";
import { LearntValues } from "../../../harness/fuzz/learnt-values.ts";
import type { Learnt } from "../../../harness/fuzz/message-tree.ts";
import { Event } from "../../../protos/gen/mesos/v1/scheduler/scheduler.ts";

const schema = readFuzzSchema();
const learnt = (what: string, own = true, index = 0): Learnt => ({ kind: "learnt", what, own, index });
const event = (taskId: string, uuid: number): Uint8Array =>
  Event.encode(
    Event.fromPartial({
      update: { status: { taskId: { value: taskId }, agentId: { value: "A1" }, state: 1, uuid: new Uint8Array(16).fill(uuid) } },
    }),
  ).finish();

describe("LearntValues", () => {
  it("finds ids and uuids wherever they are in an answer, and gives the newest first", () => {
    const values = new LearntValues(schema);
    values.learn("mesos.v1.scheduler.Event", event("t1", 1), true);
    values.learn("mesos.v1.scheduler.Event", event("t2", 2), true);
    const resolve = values.resolver(undefined);
    assert.equal(resolve(learnt("mesos.v1.TaskID")), "t2");
    assert.equal(resolve(learnt("mesos.v1.TaskID", true, 2)), "t1");
    assert.deepEqual(resolve(learnt("uuid")), new Uint8Array(16).fill(2));
  });

  it("keeps what others have apart, and out of messages that may not be about others", () => {
    const values = new LearntValues(schema);
    values.learn("mesos.v1.scheduler.Event", event("theirs", 1), false);
    values.learn("mesos.v1.scheduler.Event", event("mine", 2), true);
    assert.equal(values.resolver(undefined)(learnt("mesos.v1.TaskID", false)), "theirs");
    assert.equal(values.resolver(new Set())(learnt("mesos.v1.TaskID", false)), "mine");
    assert.equal(values.resolver(new Set(["A1"]))(learnt("mesos.v1.AgentID")), "unknown-0");
  });

  it("makes up new names for tasks at odd positions, and remembers them", () => {
    const values = new LearntValues(schema);
    const resolve = values.resolver(undefined);
    const name = resolve(learnt("mesos.v1.TaskID", true, 1));
    assert.notEqual(resolve(learnt("mesos.v1.TaskID", true, 1)), name);
    assert.equal(resolve(learnt("mesos.v1.TaskID", true, 2)), name);
  });
});
