/** Percentiles of samples, by the nearest rank: every answer is a sample that was seen. */

/** The smallest sample that at least `percent` of all do not exceed. */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) throw new RangeError(`percentile ${percent} of no samples`);
  const sorted = [...samples].sort((left, right) => left - right);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
