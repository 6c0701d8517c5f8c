import assert from "node:assert/strict";
import fc from "fast-check";
import { Simulator } from "../../../harness/sim/simulator.ts";

describe("Simulator", () => {
  it("runs events in order of time, and those of one instant in the order in which they were made", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (delays) => {
        const simulator = new Simulator(1);
        const ran: { delay: number; index: number; atMs: number }[] = [];
        for (const [index, delay] of delays.entries()) {
          simulator.after(delay, () => ran.push({ delay, index, atMs: simulator.nowMs }));
        }
        simulator.runUntil(100);
        const expected = delays.map((delay, index) => ({ delay, index, atMs: delay }));
        expected.sort((left, right) => left.delay - right.delay || left.index - right.index);
        assert.deepEqual(ran, expected);
      }),
    );
  });

  it("leaves the clock at the end of the time that was to pass, and later events waiting", () => {
    const simulator = new Simulator(1);
    let ran = 0;
    simulator.after(10, () => ran++);
    simulator.runUntil(9);
    assert.deepEqual([simulator.nowMs, ran], [9, 0]);
    simulator.runUntil(10);
    assert.deepEqual([simulator.nowMs, ran], [10, 1]);
  });

  it("stops a cluster that talks to itself without time passing", () => {
    const simulator = new Simulator(1);
    const again = (): void => simulator.after(0, again);
    again();
    assert.throws(() => simulator.runUntil(1), /stuck at 0 ms/);
  });

  it("draws the same numbers from the same seed, and others from another", () => {
    const draw = (seed: number): number[] => {
      const simulator = new Simulator(seed);
      return Array.from({ length: 20 }, () => simulator.between(0, 1_000_000));
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });
});
