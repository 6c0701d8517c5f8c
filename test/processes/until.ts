/** Waiting for what real processes do. */

import assert from "node:assert/strict";

/** Processes take their time on a busy machine. Shorter than the limit of a test, which would not say what was awaited. */
const waitMaxMs = 50_000;

/** The first answer that is neither undefined nor false. */
export async function until<T>(probe: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const deadlineMs = performance.now() + waitMaxMs;
  for (;;) {
    const value = await probe();
    if (isThere(value)) return value;
    assert.ok(performance.now() < deadlineMs, `still not so: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | false> {
  return value !== undefined && value !== false;
}
