/**
 * Long work in short slices: between two of them everybody else has a turn. One piece of work at a time, in the order in which they came,
 * so that ten readers take as much of each turn as one.
 */

/** Of one turn. What else the turn does takes less than a tenth of it; a call over loopback takes half a millisecond. */
const sliceMs = 2;

/** Work that waits; each holds what it began with, up to some tens of megabytes. */
export const waitingWorkMax = 64;

export interface TimeSlices {
  /**
   * False when too much waits already. Otherwise `done` is called with what the work answers: at once, if it is the only one and short.
   */
  add<Value>(work: Generator<undefined, Value>, done: (value: Value) => void): boolean;
}

/** `now`: milliseconds that pass. */
export function createTimeSlices({ now = () => performance.now(), maxWaiting = waitingWorkMax } = {}): TimeSlices {
  /** Does a slice; true when the work is done. */
  const waiting: (() => boolean)[] = [];

  function run(): void {
    const [first] = waiting;
    if (first === undefined) return;
    if (first()) waiting.shift();
    if (waiting.length > 0) setImmediate(run);
  }

  return {
    add: (work, done) => {
      if (waiting.length >= maxWaiting) return false;
      waiting.push(() => {
        const endMs = now() + sliceMs;
        do {
          const slice = work.next();
          if (slice.done !== true) continue;
          done(slice.value);
          return true;
        } while (now() < endMs);
        return false;
      });
      if (waiting.length === 1) run();
      return true;
    },
  };
}
