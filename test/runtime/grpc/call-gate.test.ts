/** Calls that come behind one that waits for the registry. */

import assert from "node:assert/strict";
import { CallGate } from "../../../runtime/grpc/call-gate.ts";

function gateAndLog(): { gate: CallGate; started: string[]; pass: (name: string, shuts?: boolean) => void } {
  const gate = new CallGate();
  const started: string[] = [];
  return { gate, started, pass: (name, shuts = false) => gate.pass(() => started.push(name), shuts) };
}

describe("CallGate", () => {
  it("lets calls through at once until one shuts it, and the rest in order when it opens", () => {
    const { gate, started, pass } = gateAndLog();
    pass("decline");
    pass("update", true);
    pass("revive");
    pass("suppress");
    assert.deepEqual(started, ["decline", "update"]);
    gate.open();
    assert.deepEqual(started, ["decline", "update", "revive", "suppress"]);
    pass("kill");
    assert.equal(started.at(-1), "kill");
  });

  it("is shut again by a call that waited", () => {
    const { gate, started, pass } = gateAndLog();
    pass("first", true);
    pass("second", true);
    pass("revive");
    gate.open();
    assert.deepEqual(started, ["first", "second"]);
    gate.open();
    assert.deepEqual(started, ["first", "second", "revive"]);
  });

  it("goes on when a call that waited is settled while it starts", () => {
    const gate = new CallGate();
    const started: string[] = [];
    gate.pass(() => started.push("first"), true);
    gate.pass(() => {
      started.push("second");
      gate.open();
    }, true);
    gate.pass(() => started.push("third"), false);
    gate.open();
    assert.deepEqual(started, ["first", "second", "third"]);
  });

  it("forgets what waits when its stream is gone", () => {
    const { gate, started, pass } = gateAndLog();
    pass("update", true);
    pass("revive");
    gate.clear();
    gate.open();
    assert.deepEqual(started, ["update"]);
  });
});
