/** The driver takes inputs one at a time, performs effects in order, and keeps the core's deadline. */

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, it } from "mocha";

import { InvariantError } from "../../common/assert.ts";
import type { Core, Instant } from "../../common/core.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createDriver, type Driver } from "../../runtime/driver.ts";

interface Setup {
  readonly driver: Driver<string>;
  readonly trace: string[];
  readonly fatal: Promise<unknown>;
}

/** A core over strings: "a" has the effects "a1" and "a2"; "throw" breaks an invariant. */
function setUp(
  options: { onEffect?: (effect: string, driver: Driver<string>) => void; deadlineMs?: () => number | undefined } = {},
): Setup {
  const trace: string[] = [];
  const fatal = Promise.withResolvers<unknown>();
  const core: Core<string, string> = {
    step: (input) => {
      trace.push(`step ${input}`);
      if (input === "throw") throw new InvariantError("3 offers outstanding, 2 known");
      return [`${input}1`, `${input}2`];
    },
    nextDeadlineMs: () => options.deadlineMs?.(),
  };
  const driver: Driver<string> = createDriver({
    core,
    tick: "tick",
    clock: systemClock,
    perform: (effect) => {
      trace.push(effect);
      options.onEffect?.(effect, driver);
    },
    afterTurn: () => trace.push("turn"),
    onFatal: fatal.resolve,
  });
  return { driver, trace, fatal: fatal.promise };
}

describe("driver", () => {
  it("takes the inputs of one turn together, each with its effects, and ends the turn once", async () => {
    const { driver, trace } = setUp();
    driver.dispatch("a");
    driver.dispatch("b");
    assert.deepEqual(trace, []);
    await nextTurn();
    assert.deepEqual(trace, ["step a", "a1", "a2", "step b", "b1", "b2", "turn"]);
  });

  it("never re-enters a step: an input that arises from an effect waits until all effects are done", async () => {
    const { driver, trace } = setUp({ onEffect: (effect, self) => effect === "a1" && self.dispatch("b") });
    driver.dispatch("a");
    await nextTurn();
    assert.deepEqual(trace, ["step a", "a1", "a2", "step b", "b1", "b2", "turn"]);
  });

  it("stamps each input with whole milliseconds of both clocks", async () => {
    const stamps: Instant[] = [];
    const core: Core<string, string> = {
      step: (_input, now) => {
        stamps.push(now);
        return [];
      },
      nextDeadlineMs: () => undefined,
    };
    const clock = { now: () => ({ nowMs: 5, wallMs: 1_700_000_000_000 }) };
    const driver = createDriver({ core, tick: "tick", clock, perform: () => {}, onFatal: (error) => assert.fail(String(error)) });
    driver.dispatch("a");
    await nextTurn();
    assert.deepEqual(stamps, [{ nowMs: 5, wallMs: 1_700_000_000_000 }]);
    assert.ok(Number.isSafeInteger(systemClock.now().nowMs) && Number.isSafeInteger(systemClock.now().wallMs));
  });

  it("ticks when the deadline has come, and not before", async () => {
    let deadlineMs: number | undefined;
    const ticked = Promise.withResolvers<number>();
    const { driver } = setUp({
      deadlineMs: () => deadlineMs,
      onEffect: (effect) => {
        if (effect !== "tick1") return;
        ticked.resolve(systemClock.now().nowMs);
        deadlineMs = undefined;
      },
    });
    const dueMs = systemClock.now().nowMs + 20;
    deadlineMs = dueMs;
    driver.dispatch("a");
    // A timer may fire within the millisecond before; the core then sees that nothing is due and is asked again.
    assert.ok((await ticked.promise) >= dueMs - 1);
    driver.stop();
  });

  it("stops for good at a broken invariant and hands the error over", async () => {
    const { driver, trace, fatal } = setUp();
    driver.dispatch("throw");
    driver.dispatch("a");
    const error = await fatal;
    assert.ok(error instanceof InvariantError);
    assert.equal(error.message, "3 offers outstanding, 2 known");
    driver.dispatch("b");
    await nextTurn();
    assert.deepEqual(trace, ["step throw"]);
  });

  it("treats an effect that cannot be performed as fatal, too", async () => {
    const { driver, fatal } = setUp({
      onEffect: () => {
        throw new Error("unknown stream");
      },
    });
    driver.dispatch("a");
    assert.match(String(await fatal), /unknown stream/);
  });

  it("takes nothing after it was stopped, not even what waits", async () => {
    const { driver, trace } = setUp({ onEffect: (effect, self) => effect === "a2" && self.stop() });
    driver.dispatch("a");
    driver.dispatch("b");
    await nextTurn();
    await nextTurn();
    assert.deepEqual(trace, ["step a", "a1", "a2"]);
  });

  it("lets others have their turn during a flood of inputs, and loses none", async () => {
    const { driver, trace } = setUp();
    for (let count = 0; count < 10_000; count++) driver.dispatch("a");
    for (let turns = 0; turns < 10; turns++) await nextTurn();
    assert.equal(trace.filter((entry) => entry === "step a").length, 10_000);
    assert.equal(trace.filter((entry) => entry === "turn").length, 3);
  });
});
