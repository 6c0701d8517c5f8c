/** How the code of a planted bug says that it acts: a global function, since the code sits in pure folders that import nothing of chaos. */

type MarkerListener = (mutantId: string) => void;

interface MarkedGlobal {
  tepuiMutant?: MarkerListener;
}

/** Lines that one process prints at most: a bug in a hot path would fill the disk. */
const printedMarkersMax = 1_000;

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
