/** The reader of the event stream in the simulated cluster: what it is told, and that it comes back. */

import assert from "node:assert/strict";
import type { ReaderEventJson } from "../../../harness/history/reader-json.ts";
import { EventReader } from "../../../harness/workload/event-reader.ts";
import { launchEverywhere, leaderNode, ofKind, play, type Scene } from "../../simulation/scene.ts";

async function watch({ cluster }: Scene, reader: EventReader, durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 500) {
    reader.tick(cluster.nowMs());
    await cluster.advance(500);
  }
}

const toldOn = ({ events }: Scene, wanted: number): ReaderEventJson[] =>
  ofKind(events, "readerEvent").flatMap(({ stream, event }) => (stream === wanted ? [event] : []));

describe("the reader of the event stream", () => {
  it("begins with the state and hears of a task from its launch to its end", async () => {
    const scene = await play({ agentCount: 1 });
    const reader = new EventReader(scene.cluster, scene.recorder);
    await watch(scene, reader, 2_000);
    const [taskId = ""] = launchEverywhere(scene, 1_000);
    await watch(scene, reader, 8_000);
    const [first, ...changes] = toldOn(scene, 1);
    assert.equal(first?.kind === "subscribed" && first.agents.length, 1);
    const states = changes.flatMap((event) =>
      "task" in event && event.task.taskId === taskId ? [`${event.kind} ${event.task.state}`] : [],
    );
    assert.deepEqual(states, ["taskAdded TASK_STAGING", "taskUpdated TASK_RUNNING", "taskUpdated TASK_FINISHED"]);
  });

  it("comes back to the next leader, and begins with the state anew", async () => {
    const scene = await play({ agentCount: 1, masterCount: 3 });
    const reader = new EventReader(scene.cluster, scene.recorder);
    await watch(scene, reader, 2_000);
    await scene.cluster.signal(leaderNode(scene), "SIGKILL");
    await watch(scene, reader, 60_000);
    assert.equal(ofKind(scene.events, "readerClosed")[0]?.stream, 1);
    const streams = new Set(ofKind(scene.events, "readerEvent").map(({ stream }) => stream));
    assert.equal(streams.size, 2);
    const [first] = toldOn(scene, Math.max(...streams));
    assert.equal(first?.kind, "subscribed");
  });
});
