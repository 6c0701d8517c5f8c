/** The queue behaves as a sorted list does, whatever is set, replaced, deleted and taken. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { DeadlineQueue } from "../../common/deadline-queue.ts";

type Command = { set: number; atMs: number } | { delete: number } | { take: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: fc.nat(40), atMs: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ delete: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ take: fc.nat(20) }) },
);

describe("deadline queue", () => {
  it("does what a sorted list does", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400, size: "max" }), (commands) => {
        const queue = new DeadlineQueue<number>();
        let model: { key: number; atMs: number }[] = [];
        for (const step of commands) {
          if ("set" in step) {
            queue.set(step.set, step.atMs);
            model = [...model.filter((entry) => entry.key !== step.set), { key: step.set, atMs: step.atMs }];
          } else if ("delete" in step) {
            assert.equal(
              queue.delete(step.delete),
              model.some((entry) => entry.key === step.delete),
            );
            model = model.filter((entry) => entry.key !== step.delete);
          } else {
            // Array.sort is stable, so equal instants keep the order of insertion.
            const due = model.filter((entry) => entry.atMs <= step.take).sort((a, b) => a.atMs - b.atMs);
            assert.deepEqual(
              queue.takeDue(step.take),
              due.map((entry) => entry.key),
            );
            model = model.filter((entry) => entry.atMs > step.take);
          }
          assert.equal(queue.size, model.length);
          assert.equal(queue.nextAtMs(), model.length === 0 ? undefined : Math.min(...model.map((entry) => entry.atMs)));
        }
        assert.deepEqual(
          model.map((entry) => queue.atMs(entry.key)),
          model.map((entry) => entry.atMs),
        );
      }),
      { numRuns: 60 },
    );
  });
  it("forgets replaced entries when they are many", () => {
    const queue = new DeadlineQueue<string>();
    for (let round = 0; round < 10_000; round++) queue.set("ping", round);
    assert.deepEqual(queue.takeDue(9_998), []);
    assert.deepEqual(queue.takeDue(9_999), ["ping"]);
    assert.equal(queue.nextAtMs(), undefined);
  });
});
