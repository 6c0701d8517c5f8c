/** A history survives being written and read, and what is no history is refused with its place and the broken rule. */

import assert from "node:assert/strict";
import type { HistoryEvent } from "../../../harness/history/event.ts";
import { historyFromJsonLines, historyToJsonLines } from "../../../harness/history/jsonl.ts";
import { cluster } from "../history-builder.ts";

function refusalOf(text: string): string {
  const result = historyFromJsonLines(text);
  return result.ok ? "" : result.refusal.message;
}

const line = (body: object) => JSON.stringify({ seq: 0, atMs: 0, ...body });

describe("a history as JSON lines", () => {
  it("is read as it was written", () => {
    const { events } = cluster().runTask("t1").kill("t1", { graceMs: 5 }).reconcile().snapshot().processes("agent-1", "t1").failure().end();
    const result = historyFromJsonLines(historyToJsonLines(events));
    assert.deepEqual(result, { ok: true, value: events });
  });

  it("is read as it was written, maintenance too", () => {
    const machine = { hostname: "agent-1", ip: "10.0.0.1" };
    const progress = { machine, isDown: false, unavailability: { startAtMs: 0 }, phase: "asking", agents: [] } as const;
    const { events } = cluster({ maintenance: { mode: "operator", revocationGraceMs: 0, wallSkewMaxMs: 0 } })
      .schedule([machine], { durationMs: 5 })
      .inverseOffer("i1")
      .answerInverseOffer("i1", { refuseSeconds: 1 })
      .rescindInverseOffer("i2")
      .startMaintenance([machine])
      .stopMaintenance([machine])
      .ask({ kind: "status", draining: [{ machine, answers: [{ frameworkId: "F1", accepts: true }] }], down: [machine] })
      .ask({ kind: "schedule", windows: [{ machines: [machine], unavailability: { startAtMs: 0 } }] })
      .ask({ kind: "progress", machines: [progress] })
      .end();
    const result = historyFromJsonLines(historyToJsonLines(events));
    assert.deepEqual(result, { ok: true, value: events });
  });

  it("may be empty and may have blank lines", () => {
    assert.deepEqual(historyFromJsonLines("\n\n"), { ok: true, value: [] });
  });

  const refusals: Readonly<Record<string, readonly [text: string, message: string]>> = {
    "no JSON": ["{", "line 1 must be a JSON object"],
    "no object": ["3", "line 1: event must be an object"],
    "an unknown kind": [line({ kind: "nap" }), "line 1: event.kind must be one of run, "],
    "a missing field": [line({ kind: "ok" }), "line 1: event.call must be a number"],
    "a wrong type deep inside": [
      line({ kind: "invoke", call: 0, framework: "f1", body: { kind: "decline", offerIds: [7], refuseSeconds: 5 } }),
      "line 1: event.body.offerIds[0] must be a string",
    ],
    "a position that does not increase": [
      `${line({ kind: "ok", call: 0 })}\n${line({ kind: "ok", call: 1 })}`,
      "line 2: seq must be more than 0, is 0",
    ],
  };
  for (const [name, [text, message]] of Object.entries(refusals)) {
    it(`refuses ${name}`, () => assert.ok(refusalOf(text).startsWith(message), refusalOf(text)));
  }

  it("refuses a run whose timings lack one", () => {
    const [run] = cluster().events;
    assert.equal(run?.kind, "run");
    const timings = { ...(run as HistoryEvent & { kind: "run" }).timings, epsilonMs: undefined };
    assert.equal(refusalOf(JSON.stringify({ ...run, timings })), "line 1: event.timings.epsilonMs must be a number");
  });
});
