/** A writer that is used again must not show: each message gets its own bytes, whatever came before. */

import assert from "node:assert/strict";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { describe, it } from "mocha";

import { encodeMessage } from "../../common/encode-message.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";

const result = (message: string): CallResult => ({ index: 7n, code: 3, message, response: undefined });

describe("encodeMessage()", () => {
  it("gives the bytes that a writer of one's own gives, of small and large messages in turn", () => {
    for (const length of [0, 5, 3_000_000, 5, 70_000, 0]) {
      const message = result("x".repeat(length));
      assert.deepEqual(encodeMessage(CallResult, message), CallResult.encode(message).finish());
    }
  });

  it("leaves bytes alone that it has given", () => {
    const first = encodeMessage(CallResult, result("first"));
    encodeMessage(CallResult, result("other"));
    assert.equal(CallResult.decode(first).message, "first");
  });

  it("forgets what was half written when an encoder throws", () => {
    const broken = {
      encode: (_: CallResult, writer: BinaryWriter): BinaryWriter => {
        writer.uint32(8).fork();
        throw new Error("a bug in an encoder");
      },
    };
    assert.throws(() => encodeMessage(broken, result("lost")), /a bug/);
    assert.deepEqual(encodeMessage(CallResult, result("next")), CallResult.encode(result("next")).finish());
  });

  it("takes an encoder that encodes within", () => {
    const nested = {
      encode: (message: CallResult, writer: BinaryWriter): BinaryWriter => {
        assert.equal(CallResult.decode(encodeMessage(CallResult, result("inner"))).message, "inner");
        return CallResult.encode(message, writer);
      },
    };
    assert.equal(CallResult.decode(encodeMessage(nested, result("outer"))).message, "outer");
  });
});
