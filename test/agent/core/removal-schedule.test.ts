/** Which ended sandboxes are due: by age, by how full the disk is, by number. */

import assert from "node:assert/strict";
import fc from "fast-check";

import { allowedAgeMs, RemovalSchedule } from "../../../agent/core/removal-schedule.ts";

const weekMs = 604_800_000;

describe("allowedAgeMs()", () => {
  for (const [usage, headroom, share] of [
    [0, 0, 1],
    [0, 0.1, 0.9],
    [0.4, 0.1, 0.5],
    [0.9, 0.1, 0],
    [1, 0.1, 0],
    [0.5, 1, 0],
  ] as const) {
    it(`allows ${share} of the delay when ${usage} of the disk is used and ${headroom} is to stay free`, () => {
      assert.ok(Math.abs(allowedAgeMs({ gcDelayMs: weekMs, headroom, usage }) - weekMs * share) < 1);
    });
  }

  it("never allows more on a fuller disk, and never more than the delay", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, fc.nat(), (one, other, headroom, gcDelayMs) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        const onEmptier = allowedAgeMs({ gcDelayMs, headroom, usage: less });
        const onFuller = allowedAgeMs({ gcDelayMs, headroom, usage: more });
        assert.ok(0 <= onFuller && onFuller <= onEmptier && onEmptier <= gcDelayMs);
      }),
    );
  });
});

describe("RemovalSchedule", () => {
  const instant = fc.integer({ min: -1_000, max: 1_000 });
  const additions = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), instant), { maxLength: 20 });

  it("takes out what is older than allowed or too much, and nothing else; no kept one is older than a removed one", () => {
    fc.assert(
      fc.property(additions, instant, fc.nat(2_000), fc.nat(10), (added, nowMs, ageMaxMs, keptMax) => {
        const schedule = new RemovalSchedule();
        for (const [folder, endedAtMs] of added) schedule.add(folder, endedAtMs);
        const kept = new Map<string, number>(added);
        const due = schedule.takeDue({ nowMs, allowedAgeMs: ageMaxMs, keptMax });
        const dueAtMs = due.map((folder) => kept.get(folder) ?? assert.fail(`${folder} was never added`));
        for (const folder of due) kept.delete(folder);

        assert.equal(new Set(due).size, due.length);
        assert.deepEqual(
          dueAtMs,
          dueAtMs.toSorted((a, b) => a - b),
        );
        assert.equal(schedule.size, kept.size);
        assert.ok(kept.size <= keptMax);
        for (const endedAtMs of kept.values()) {
          assert.ok(nowMs - endedAtMs < ageMaxMs);
          assert.ok(dueAtMs.every((removedAtMs) => removedAtMs <= endedAtMs));
        }
        const young = dueAtMs.filter((endedAtMs) => nowMs - endedAtMs < ageMaxMs);
        if (young.length > 0) assert.equal(kept.size, keptMax, "young ones go only for want of room");
      }),
    );
  });

  it("answers nothing twice", () => {
    const schedule = new RemovalSchedule();
    schedule.add("a", 0);
    assert.deepEqual(schedule.takeDue({ nowMs: 10, allowedAgeMs: 10, keptMax: 5 }), ["a"]);
    assert.deepEqual(schedule.takeDue({ nowMs: 10, allowedAgeMs: 10, keptMax: 5 }), []);
  });

  it("counts from the last end when a folder is added again", () => {
    const schedule = new RemovalSchedule();
    schedule.add("a", 0);
    schedule.add("a", 8);
    assert.deepEqual(schedule.takeDue({ nowMs: 10, allowedAgeMs: 10, keptMax: 5 }), []);
    assert.deepEqual(schedule.takeDue({ nowMs: 18, allowedAgeMs: 10, keptMax: 5 }), ["a"]);
  });
});
