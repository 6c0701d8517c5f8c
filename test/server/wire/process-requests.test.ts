/** What operators ask of the process, from bytes: each rule with its message. */

import assert from "node:assert/strict";

import { Call_GetMetrics, Call_SetLoggingLevel } from "../../../protos/gen/mesos/v1/master/master.ts";
import { decodeGetMetrics, decodeSetLoggingLevel } from "../../../server/wire/process-requests.ts";

const refused = (message: string) => ({ ok: false, refusal: { code: "INVALID_ARGUMENT", message } });

describe("decodeGetMetrics()", () => {
  const decode = (nanoseconds?: bigint) =>
    decodeGetMetrics(Call_GetMetrics.encode(nanoseconds === undefined ? {} : { timeout: { nanoseconds } }).finish());

  it("takes a timeout, in milliseconds that are never too short, or none", () => {
    assert.deepEqual(decode(), { ok: true, value: undefined });
    assert.deepEqual(decode(0n), { ok: true, value: 0 });
    assert.deepEqual(decode(1n), { ok: true, value: 1 });
    assert.deepEqual(decode(2n ** 63n - 1n), { ok: true, value: 86_400_000 });
  });

  it("refuses a negative timeout and garbage", () => {
    assert.deepEqual(decode(-1n), refused("get_metrics.timeout.nanoseconds must not be negative, is -1"));
    assert.equal(decodeGetMetrics(Uint8Array.of(0xff)).ok, false);
    assert.deepEqual(decodeGetMetrics(Uint8Array.of(0x0a, 0)), refused("timeout.nanoseconds must be set"));
  });
});

describe("decodeSetLoggingLevel()", () => {
  const bytesOf = (level: number, nanoseconds: bigint) => Call_SetLoggingLevel.encode({ level, duration: { nanoseconds } }).finish();
  const decode = (level: number, nanoseconds: bigint) => decodeSetLoggingLevel(bytesOf(level, nanoseconds), 1_000);

  it("takes a level and how long", () => {
    assert.deepEqual(decode(3, 1_000_000_000n), { ok: true, value: { level: 3, durationMs: 1_000 } });
    assert.deepEqual(decode(0, 0n), { ok: true, value: { level: 0, durationMs: 0 } });
  });

  it("refuses a time that is negative or too long, and what is not whole", () => {
    const field = "set_logging_level.duration.nanoseconds";
    assert.deepEqual(decode(1, -1n), refused(`${field} must not be negative, is -1`));
    assert.deepEqual(decode(1, 1_000_000_001n), refused(`${field} must be at most 1000000000, is 1000000001`));
    for (const bytes of [new Uint8Array(), Uint8Array.of(0x08, 1), Uint8Array.of(0x08, 1, 0x12, 0), Uint8Array.of(0xff, 0xff)]) {
      const decoded = decodeSetLoggingLevel(bytes, 1_000);
      assert.ok(!decoded.ok && decoded.refusal.code === "INVALID_ARGUMENT");
      assert.match(decoded.refusal.message, /must/);
    }
  });
});
