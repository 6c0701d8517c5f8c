/** What operators ask of any node's process: malformed calls get a reason with field, rule and value. */

import assert from "node:assert/strict";
import {
  decodeGetMetrics,
  decodeListFiles,
  decodeReadFile,
  decodeSetLoggingLevel,
  findEmptyProblem,
  pathMaxBytes,
  verboseMaxMs,
} from "../../common/process-calls.ts";
import type { Result } from "../../common/result.ts";
import { Call_GetMetrics, Call_ListFiles, Call_ReadFile, Call_SetLoggingLevel } from "../../protos/gen/mesos/v1/agent/agent.ts";
import { messageRows } from "../../protos/gen/schema.ts";

const refusalOf = (result: Result<unknown>): string => {
  assert.ok(!result.ok, "it was taken");
  assert.equal(result.refusal.code, "INVALID_ARGUMENT");
  return result.refusal.message;
};

const listed = (path: string): Result<string> => decodeListFiles("agent", Call_ListFiles.encode({ path }).finish());
const verbosity = (nanoseconds: bigint): ReturnType<typeof decodeSetLoggingLevel> =>
  decodeSetLoggingLevel("master", Call_SetLoggingLevel.encode({ level: 1, duration: { nanoseconds } }).finish());
const metricsIn = (nanoseconds: bigint): Result<number | undefined> =>
  decodeGetMetrics("agent", Call_GetMetrics.encode({ timeout: { nanoseconds } }).finish());

describe("calls about a process", () => {
  it("are the same messages for master and agent, field by field", () => {
    const calls = ["Call.GetMetrics", "Call.SetLoggingLevel", "Call.ListFiles", "Call.ReadFile"];
    const answers = ["GetHealth", "GetFlags", "GetVersion", "GetMetrics", "GetLoggingLevel", "ListFiles", "ReadFile"];
    for (const name of [...calls, ...answers.map((answer) => `Response.${answer}`)]) {
      const [agents, masters] = ["agent", "master"].map((owner) => messageRows.find((row) => row.name === `mesos.v1.${owner}.${name}`));
      assert.ok(agents !== undefined, name);
      assert.deepEqual(masters?.fields, agents.fields, name);
    }
  });

  it("take a path that begins with a slash and never goes up", () => {
    assert.deepEqual(listed("/a/b..c/./d"), { ok: true, value: "/a/b..c/./d" });
    assert.match(refusalOf(listed("a/b")), /^list_files\.path must begin with "\/", is "a\/b"$/);
    assert.match(refusalOf(listed("")), /^list_files\.path must begin with "\/", is ""$/);
    assert.match(refusalOf(listed("/a/../b")), /^list_files\.path must not have "\.\.", is "\/a\/\.\.\/b"$/);
    assert.match(refusalOf(listed("/a\0b")), /^list_files\.path must not have a zero byte$/);
    assert.match(refusalOf(listed(`/${"x".repeat(pathMaxBytes)}`)), /^list_files\.path must have at most 4096 bytes, has 4097$/);
    const read = decodeReadFile("agent", Call_ReadFile.encode({ path: "/..", offset: 0n }).finish());
    assert.match(refusalOf(read), /^read_file\.path must not have "\.\."/);
  });

  it("take any offset and any length: what is not there is no mistake", () => {
    const max = 2n ** 64n - 1n;
    const wanted = { path: "/a", offset: max, length: max };
    assert.deepEqual(decodeReadFile("master", Call_ReadFile.encode(wanted).finish()), { ok: true, value: wanted });
  });

  it("raise the verbosity for a time, a week at most", () => {
    assert.deepEqual(verbosity(1_500_000_000n), { ok: true, value: { level: 1, durationMs: 1_500 } });
    assert.deepEqual(verbosity(0n), { ok: true, value: { level: 1, durationMs: 0 } });
    const max = BigInt(verboseMaxMs) * 1_000_000n;
    assert.ok(verbosity(max).ok);
    const field = "set_logging_level.duration.nanoseconds";
    assert.equal(refusalOf(verbosity(max + 1n)), `${field} must be at most ${max}, is ${max + 1n}`);
    assert.equal(refusalOf(verbosity(-1n)), `${field} must not be negative, is -1`);
  });

  it("wait for metrics as long as they are told, in milliseconds that are never too short", () => {
    assert.deepEqual(metricsIn(0n), { ok: true, value: 0 });
    assert.deepEqual(metricsIn(1n), { ok: true, value: 1 });
    assert.deepEqual(metricsIn(2n ** 63n - 1n), { ok: true, value: 86_400_000 });
    assert.deepEqual(decodeGetMetrics("master", new Uint8Array()), { ok: true, value: undefined });
    assert.equal(refusalOf(metricsIn(-1n)), "get_metrics.timeout.nanoseconds must not be negative, is -1");
  });

  it("are refused when their bytes are not the message", () => {
    const garbage = new Uint8Array([0x0a, 0xff]);
    assert.match(refusalOf(decodeReadFile("agent", garbage)), /path/);
    assert.match(refusalOf(decodeListFiles("master", new Uint8Array())), /^path must be set/);
    for (const bytes of [new Uint8Array(), Uint8Array.of(0x08, 1), Uint8Array.of(0x08, 1, 0x12, 0), Uint8Array.of(0xff, 0xff)]) {
      assert.match(refusalOf(decodeSetLoggingLevel("agent", bytes)), /must/);
    }
    assert.equal(refusalOf(decodeGetMetrics("agent", Uint8Array.of(0x0a, 0))), "timeout.nanoseconds must be set");
    assert.equal(findEmptyProblem(garbage)?.code, "INVALID_ARGUMENT");
    assert.equal(findEmptyProblem(new Uint8Array()), undefined);
  });
});
