/** How the code of a planted bug says that it acts: a global function, since the code sits in pure folders that import nothing of chaos. */

import type { Recorder } from "../../harness/history/recorder.ts";

type MarkerListener = (mutantId: string) => void;

interface MarkedGlobal {
  tepuiMutant?: MarkerListener;
}

/** Lines that one process prints at most: a bug in a hot path would fill the disk. */
const printedMarkersMax = 1_000;

/** Markers in one history: the first ones prove that the bug acted, and when. */
const recordedMarkersMax = 50;

/** From now on `listener` hears each time a planted bug acts in this process. */
export function listenToMarkers(listener: MarkerListener): void {
  (globalThis as MarkedGlobal).tepuiMutant = listener;
}

/** In real nodes: a line in the log, which the harness reads. */
export function printMarkers(): void {
  let printed = 0;
  listenToMarkers((mutantId) => {
    if (printed++ < printedMarkersMax) process.stderr.write(`TEPUI-MUTANT ${mutantId}\n`);
  });
}

/** In simulation: events of the run that goes on now. Which node's code it was is not known there. */
export function recordMarkers(recorder: Recorder): void {
  let recorded = 0;
  listenToMarkers((mutant) => {
    if (recorded++ < recordedMarkersMax) recorder.record({ kind: "marker", node: "simulation", mutant });
  });
}
