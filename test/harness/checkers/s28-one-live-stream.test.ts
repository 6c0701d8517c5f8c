/** Frameworks that take over from themselves. */

import { oneLiveStream } from "../../../harness/checkers/s28-one-live-stream.ts";
import type { HistoryBuilder } from "../history-builder.ts";
import { cluster } from "../history-builder.ts";
import { describeChecker } from "./checker-cases.ts";

const closeFirst = { kind: "streamClosed", framework: "f1", streamId: "f1-1", reason: "OK" } as const;
const heartbeatOnFirst = { kind: "event", framework: "f1", streamId: "f1-1", event: { kind: "heartbeat" } } as const;

function takenOver(): HistoryBuilder {
  return cluster().subscribe();
}

describeChecker(oneLiveStream, {
  good: {
    "the old stream is closed": () => takenOver().add(closeFirst).end(),
    "the old stream still had something on its way": () => takenOver().add(heartbeatOnFirst).add(closeFirst).end(),
  },
  undecided: {
    "the old stream was closed before": () => cluster().close().subscribe().end(),
    "another master": () => cluster().subscribe("f1", { master: "M2" }).end(),
    "a master that was cut off": () => cluster().fault("cut-master", "master-1").subscribe().end(),
    "the history ends too early": () => takenOver(),
  },
  bad: {
    "the old stream stays open": () => takenOver().end(),
    "the old stream is closed by the framework in the end": () => takenOver().wait(5_000).add(closeFirst).end(),
    "the old stream goes on": () => takenOver().wait(2_000).add(heartbeatOnFirst).add(closeFirst).end(),
  },
});
