/** Machines and times as people write them. */

import assert from "node:assert/strict";
import { machineText, parseMachine, parsePlan, toUnavailability, unavailabilityText } from "../../cli/maintenance-words.ts";

const nowMs = Date.parse("2030-01-31T12:00:00Z");
const planOf = (text: string) => parsePlan(text.split(" "), nowMs);
const hourMs = 3_600_000;

describe("a planned window", () => {
  const plans: readonly [text: string, afterMs: number, durationMs: number | undefined][] = [
    ["a now", 0, undefined],
    ["a now for 30m", 0, hourMs / 2],
    ["a in 2h", 2 * hourMs, undefined],
    ["a in 90s for 1.5h", 90_000, 1.5 * hourMs],
    ["a at 2030-01-31T13:00Z for 1d", hourMs, 24 * hourMs],
    ["a at 2030-01-31T15:00+02:00", hourMs, undefined],
    ["a at 2030-01-31T11:00:00Z", -hourMs, undefined],
  ];
  for (const [text, afterMs, durationMs] of plans) {
    it(`is understood: ${text}`, () => {
      assert.deepEqual(planOf(text), { machines: [{ hostname: "a" }], startMs: nowMs + afterMs, durationMs });
    });
  }

  it("at a time of the clock is the next such time here", () => {
    const date = new Date(nowMs);
    const text = (minutes: number) => `a at ${date.getHours()}:${String(minutes).padStart(2, "0")}`;
    assert.equal(planOf(text(date.getMinutes() + 1)).startMs, nowMs + 60_000);
    assert.equal(planOf(text(date.getMinutes())).startMs, nowMs + 24 * hourMs);
  });

  const wrong: readonly [text: string, complaint: RegExp][] = [
    ["a b", /When the window begins must be given as now, in or at/],
    ["in 2h", /Machines must be named before the time/],
    ["a in", /After "in" must come a duration/],
    ["a at", /After "at" must come a time/],
    ["a in soon", /It must be a number with a unit/],
    ["a at noon", /A time must be like "18:30" or "2030-01-31T18:30Z", is "noon"/],
    ["a at 2030-02-31T18:30Z now", /After the start must come nothing or "for"/],
    ["a at 2030-13-01", /A time must be like/],
    ["a now for", /After the start must come nothing or "for"/],
    ["a now for 1h b", /After the start must come nothing or "for"/],
  ];
  for (const [text, complaint] of wrong) it(`is refused: ${text}`, () => assert.throws(() => planOf(text), complaint));
});

describe("a machine", () => {
  for (const [text, machine] of [
    ["host-1", { hostname: "host-1" }],
    ["10.0.0.1", { ip: "10.0.0.1" }],
    ["2001:db8::1", { ip: "2001:db8::1" }],
    ["host/10.0.0.1", { hostname: "host", ip: "10.0.0.1" }],
    ["host/::1", { hostname: "host", ip: "::1" }],
  ] as const) {
    it(`is understood: ${text}`, () => {
      assert.deepEqual(parseMachine(text), machine);
      assert.equal(machineText(machine), text);
    });
  }
  it("is the same in another spelling", () => assert.equal(machineText({ hostname: "A", ip: "2001:DB8:0::1" }), "a/2001:db8::1"));
  for (const text of ["", "/10.0.0.1", "a/b", "a/10.0.0.1/c"]) {
    it(`is not "${text}"`, () => assert.throws(() => parseMachine(text), /A machine must be/));
  }
});

describe("unavailabilityText()", () => {
  for (const [text, shown] of [
    ["a in 2h for 30m", "2030-01-31 14:00Z, in 2h for 30m"],
    ["a now", "2030-01-31 12:00Z, 0s ago"],
    ["a at 2030-01-30T10:59:30Z for 1d", "2030-01-30 10:59Z, 1d 1h ago for 1d"],
  ] as const) {
    it(`says "${shown}"`, () => assert.equal(unavailabilityText(toUnavailability(planOf(text)), nowMs), shown));
  }
});
