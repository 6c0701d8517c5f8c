/** Long work in short slices: others have their turns, and each piece of work is done whole and in order. */

import assert from "node:assert/strict";

import { createTimeSlices } from "../../runtime/time-slices.ts";

/** Work of so many steps that says when it takes one. */
function* steps(count: number, onStep: () => void): Generator<undefined, number> {
  for (let step = 0; step < count; step++) {
    onStep();
    yield;
  }
  return count;
}

/** A clock that goes on by a millisecond whenever somebody looks. */
function createClock(): () => number {
  let nowMs = 0;
  return () => nowMs++;
}

describe("createTimeSlices()", () => {
  it("does short work at once", () => {
    const slices = createTimeSlices({ now: () => 0 });
    let answer: number | undefined;
    assert.equal(
      slices.add(
        steps(3, () => {}),
        (value) => {
          answer = value;
        },
      ),
      true,
    );
    assert.equal(answer, 3);
  });

  it("lets others have a turn between the slices of long work", async () => {
    const slices = createTimeSlices({ now: createClock() });
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    slices.add(
      steps(6, () => order.push("work")),
      () => done.resolve(),
    );
    setImmediate(() => order.push("other"));
    await done.promise;
    assert.equal(order.length, 7);
    const other = order.indexOf("other");
    assert.ok(other > 0 && other < 6, order.join(" "));
  });

  it("does one piece of work after the other", async () => {
    const slices = createTimeSlices({ now: createClock() });
    const order: string[] = [];
    const work = (name: string): Promise<void> =>
      new Promise((resolve) => {
        slices.add(
          steps(5, () => order.push(name)),
          () => resolve(),
        );
      });
    await Promise.all([work("a"), work("b"), work("c")]);
    assert.deepEqual(order, [..."aaaaabbbbbccccc"]);
  });

  it("takes no more than may wait, and goes on afterwards", async () => {
    const slices = createTimeSlices({ now: createClock(), maxWaiting: 2 });
    const add = (): Promise<boolean> =>
      new Promise((resolve) => {
        const isTaken = slices.add(
          steps(5, () => {}),
          () => resolve(true),
        );
        if (!isTaken) resolve(false);
      });
    assert.deepEqual(await Promise.all([add(), add(), add()]), [true, true, false]);
    assert.equal(await add(), true);
  });
});
