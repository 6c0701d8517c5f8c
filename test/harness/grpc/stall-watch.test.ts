/** What of a slow machine is recorded. Time and waits are made by hand. */

import assert from "node:assert/strict";
import type { ProcessorWait } from "../../../harness/grpc/processor-waits.ts";
import { StallWatch } from "../../../harness/grpc/stall-watch.ts";
import { Recorder } from "../../../harness/history/recorder.ts";

function watched() {
  const clock = { nowMs: 0 };
  const waits = new Map<number, ProcessorWait>();
  const recorder = new Recorder(() => clock.nowMs);
  const watch = new StallWatch({ recorder, nowMs: () => clock.nowMs, readWaits: () => [...waits.values()] });
  const stalls = () =>
    recorder.events.map((event) => (event.kind === "stall" ? [event.who, event.fromMs, event.toMs, event.waitedMs] : []));
  const waited = (pid: number, node: string, waitedMs: number) => waits.set(pid, { node, pid, waitedMs });
  return { clock, waits, waited, watch, stalls };
}

describe("StallWatch", () => {
  it("records a timer of the harness that comes much too late", () => {
    const { clock, watch, stalls } = watched();
    clock.nowMs = 20;
    watch.beat();
    clock.nowMs = 1_040;
    watch.beat();
    assert.deepEqual(stalls(), [["harness", 20, 1_040, 1_000]]);
  });

  it("takes a timer that is a little late as it is", () => {
    const { clock, watch, stalls } = watched();
    clock.nowMs = 250;
    watch.beat();
    assert.deepEqual(stalls(), []);
  });

  it("records a node that waited for most of the time, and not one that worked", () => {
    const { clock, waited, watch, stalls } = watched();
    waited(1, "master-1", 7_000);
    waited(2, "agent-1", 7_000);
    watch.look();
    clock.nowMs = 500;
    waited(1, "master-1", 7_100);
    waited(2, "agent-1", 7_400);
    watch.look();
    assert.deepEqual(stalls(), [["agent-1", 0, 500, 400]]);
  });

  it("counts all that a new process has waited", () => {
    const { clock, waits, waited, watch, stalls } = watched();
    waited(2, "agent-1", 400);
    watch.look();
    waits.clear();
    waited(3, "agent-1", 450);
    clock.nowMs = 500;
    watch.look();
    assert.deepEqual(stalls(), [["agent-1", 0, 500, 450]]);
  });
});
