/**
 * A reader of the operators' event stream: subscribes to the leader, comes back when its stream ends, and writes to the history what came.
 */

import type { Cluster } from "../cluster.ts";
import type { Recorder } from "../history/recorder.ts";
import { decodeReaderEvent } from "./event-stream-codec.ts";

/** How long it waits before it subscribes again. */
const resubscribeDelayMs = 1_000;

export class EventReader {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  #streamCount = 0;
  #isUp = false;
  #retryAtMs = 0;

  constructor(cluster: Cluster, recorder: Recorder) {
    this.#cluster = cluster;
    this.#recorder = recorder;
  }

  /** Lets it come back after its stream has ended. */
  tick(nowMs: number): void {
    if (this.#isUp || nowMs < this.#retryAtMs) return;
    this.#isUp = true;
    this.#streamCount += 1;
    const stream = this.#streamCount;
    this.#cluster.operator.subscribe({
      event: (bytes) => {
        const event = decodeReaderEvent(bytes);
        if (event !== undefined) this.#recorder.record({ kind: "readerEvent", stream, event });
      },
      closed: (reason) => {
        this.#recorder.record({ kind: "readerClosed", stream, reason });
        this.#isUp = false;
        this.#retryAtMs = this.#cluster.nowMs() + resubscribeDelayMs;
      },
    });
  }
}
