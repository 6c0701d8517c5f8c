/** Operator calls about one container, from bytes: each rule with its message. */

import assert from "node:assert/strict";
import { decodeAttachOutput, encodeHeartbeat, encodeOutput } from "../../../agent/wire/container-calls.ts";
import { Call_AttachContainerOutput, ProcessIO } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import type { ContainerID } from "../../../protos/gen/mesos/v1/mesos.ts";

const attach = (containerId: ContainerID): ReturnType<typeof decodeAttachOutput> =>
  decodeAttachOutput(Call_AttachContainerOutput.encode({ containerId }).finish());
const refusalOf = (result: ReturnType<typeof decodeAttachOutput>): string => {
  assert.ok(!result.ok && result.refusal.code === "INVALID_ARGUMENT");
  return result.refusal.message;
};

describe("the id of a container in a call", () => {
  it("names it and those around it", () => {
    assert.deepEqual(attach({ value: "c1" }), { ok: true, value: "c1" });
    assert.deepEqual(attach({ value: "n", parent: { value: "t", parent: { value: "c1" } } }), { ok: true, value: "c1.t.n" });
  });

  it("has no character that a name of a file, or another id, could be made of", () => {
    for (const value of ["", ".", "..", "a.b", "a/b", "-a", "a b", "é", "x".repeat(129)]) {
      assert.match(refusalOf(attach({ value })), /^attach_container_output\.container_id\.value must match \/.*\/, is "/, value);
    }
    const nested = { value: "ok", parent: { value: "a/b" } };
    assert.match(refusalOf(attach(nested)), /^attach_container_output\.container_id\.parent\.value must match .*, is "a\/b"$/);
    const long = { value: "x".repeat(127), parent: { value: "y".repeat(128) } };
    assert.match(refusalOf(attach(long)), /^attach_container_output\.container_id must have at most 255 characters in all$/);
  });

  it("is there, in bytes that are the message", () => {
    assert.equal(refusalOf(decodeAttachOutput(new Uint8Array())), "container_id must be set");
    assert.match(refusalOf(decodeAttachOutput(Uint8Array.of(0x0a, 0xff))), /^container_id must/);
  });
});

describe("what is streamed of a container", () => {
  it("is a piece of one of its outputs, or a sign of life", () => {
    const piece = ProcessIO.decode(encodeOutput("stderr", Buffer.from("oops")));
    assert.deepEqual([piece.type, piece.data?.type, Buffer.from(piece.data?.data ?? []).toString()], [1, 3, "oops"]);
    const beat = ProcessIO.decode(encodeHeartbeat(30_000));
    assert.deepEqual([beat.type, beat.control?.type, beat.control?.heartbeat?.interval?.nanoseconds], [2, 2, 30_000_000_000n]);
  });
});
