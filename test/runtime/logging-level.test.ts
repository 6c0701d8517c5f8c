/** The verbosity of a log: raised for a while, for every logger, and back by itself. */

import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";

import { createLoggingLevel } from "../../runtime/logging-level.ts";

const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
const loggerAt = (level: string) => pino({ level }, sink);

/** Longer than any test. */
const longMs = 600_000;

describe("createLoggingLevel()", () => {
  it("begins at 0, or at 1 where the log is for debugging from the start", () => {
    for (const level of ["info", "warn", "error"]) assert.equal(createLoggingLevel([loggerAt(level)]).read(), 0, level);
    assert.equal(createLoggingLevel([loggerAt("debug")]).read(), 1);
  });

  it("raises every logger, children too, and takes what is too high for the highest", () => {
    const logger = loggerAt("warn");
    const child = logger.child({ of: "logger" });
    const level = createLoggingLevel([logger, child]);
    assert.ok(level.set(1, longMs).ok);
    assert.deepEqual([level.read(), logger.level, child.level], [1, "debug", "debug"]);
    assert.ok(level.set(4_294_967_295, longMs).ok);
    assert.deepEqual([level.read(), logger.level, child.level], [2, "trace", "trace"]);
    assert.ok(level.set(0, longMs).ok);
    assert.deepEqual([level.read(), logger.level, child.level], [0, "warn", "warn"]);
  });

  it("goes back by itself", async () => {
    const logger = loggerAt("info");
    const level = createLoggingLevel([logger]);
    assert.ok(level.set(2, 1).ok);
    while (level.read() !== 0) await sleep(1);
    assert.equal(logger.level, "info");
  });

  it("counts the time of the last call", async () => {
    const level = createLoggingLevel([loggerAt("info")]);
    level.set(1, 1);
    level.set(2, longMs);
    await sleep(20);
    assert.equal(level.read(), 2);
    level.set(1, 1);
    while (level.read() !== 0) await sleep(1);
  });

  it("refuses less than it began with, without effect", () => {
    const logger = loggerAt("debug");
    const level = createLoggingLevel([logger]);
    const message = "set_logging_level.level must be at least 1, is 0";
    assert.deepEqual(level.set(0, longMs), { ok: false, refusal: { code: "INVALID_ARGUMENT", message } });
    assert.equal(logger.level, "debug");
  });
});
