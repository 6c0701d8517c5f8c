/**
 * Which sandboxes of the past go, and when: they may grow as old as the garbage collector's delay, and the fuller the disk is
 * the less. Source: Mesos src/slave/slave.cpp, checkDiskUsage and age.
 */

/** Share of the disk that the collector wants to see free: the reference's `gc_disk_headroom`. */
export interface AllowedAgeOptions {
  readonly gcDelayMs: number;
  /** 0 to 1. */
  readonly headroom: number;
  /** Share of the disk that is in use, 0 to 1. */
  readonly usage: number;
}

/** How old an ended sandbox may be. 0 removes all of them. */
export function allowedAgeMs({ gcDelayMs, headroom, usage }: AllowedAgeOptions): number {
  return gcDelayMs * Math.max(0, 1 - headroom - usage);
}

export interface DueOptions {
  /** On the scale of the instants given to `add`. */
  readonly nowMs: number;
  readonly allowedAgeMs: number;
  /** The oldest beyond this number are due whatever their age. */
  readonly keptMax: number;
}

export class RemovalSchedule {
  readonly #endedAtMs = new Map<string, number>();

  get size(): number {
    return this.#endedAtMs.size;
  }

  /** A folder whose container ended at this instant. One that is there already takes the new instant. */
  add(folder: string, endedAtMs: number): void {
    this.#endedAtMs.set(folder, endedAtMs);
  }

  /** Takes out and answers what is older than allowed, and what is too much; the oldest first. */
  takeDue({ nowMs, allowedAgeMs: ageMaxMs, keptMax }: DueOptions): readonly string[] {
    const byAge = [...this.#endedAtMs].sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1));
    const excess = Math.max(0, byAge.length - keptMax);
    const due = byAge.filter(([, endedAtMs], index) => index < excess || nowMs - endedAtMs >= ageMaxMs).map(([folder]) => folder);
    for (const folder of due) this.#endedAtMs.delete(folder);
    return due;
  }
}
