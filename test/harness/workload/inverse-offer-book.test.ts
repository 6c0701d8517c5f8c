import assert from "node:assert/strict";
import type { CallJson } from "../../../harness/history/event.ts";
import { InverseOfferBook, type InverseOfferHabit } from "../../../harness/workload/inverse-offer-book.ts";

/** A framework with a task and an offer on each of two agents. */
function bookOf(habit: InverseOfferHabit | undefined): { book: InverseOfferBook; calls: CallJson[] } {
  const calls: CallJson[] = [];
  const agents = ["A1", "A2"];
  const task = { state: "TASK_RUNNING", isOver: false, toldBy: undefined, twinCount: 0 };
  const book = new InverseOfferBook({
    habit,
    offers: new Map(agents.map((agentId) => [`o${agentId}`, { offerId: `o${agentId}`, agentId, role: "*", resources: [] }])),
    liveTasks: () => agents.map((agentId) => ({ ...task, taskId: `t${agentId}`, agentId })),
    send: (body) => calls.push(body),
  });
  return { book, calls };
}

const asked = {
  kind: "inverseOffers",
  inverseOffers: [{ inverseOfferId: "I1", agentId: "A1", unavailability: { startAtMs: 0 } }],
} as const;

describe("InverseOfferBook", () => {
  it("keeps what is asked until it is answered or taken back, and says nothing without a habit", () => {
    const { book, calls } = bookOf(undefined);
    book.heard(asked);
    assert.deepEqual([[...book.open.keys()], calls], [["I1"], []]);
    book.forget("I1");
    book.forget("I1");
    assert.deepEqual([[...book.open.keys()], book.old], [[], ["I1"]]);
  });

  it("loses all with the stream", () => {
    const { book } = bookOf(undefined);
    book.heard(asked);
    book.forgetAll();
    assert.deepEqual([book.open.size, book.old], [0, ["I1"]]);
  });

  for (const habit of ["accept", "decline"] as const) {
    it(`answers by habit: ${habit}`, () => {
      const { book, calls } = bookOf(habit);
      book.heard(asked);
      assert.deepEqual(calls, [{ kind: "answerInverseOffers", accepts: habit === "accept", inverseOfferIds: ["I1"], refuseSeconds: 5 }]);
    });
  }

  it("returns what it has on that agent alone: its tasks and its offers", () => {
    const { book, calls } = bookOf("return");
    book.heard(asked);
    assert.deepEqual(calls, [
      { kind: "answerInverseOffers", accepts: true, inverseOfferIds: ["I1"], refuseSeconds: 5 },
      { kind: "kill", taskId: "tA1", agentId: "A1" },
      { kind: "decline", offerIds: ["oA1"], refuseSeconds: 60 },
    ]);
  });
});
