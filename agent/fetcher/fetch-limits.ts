/** How much the fetcher takes at most, each with its reason. What an operator may want to change is a flag and comes from there. */

export interface FetchLimits {
  /** Of one file, as it comes over the wire. */
  readonly fileMaxBytes: number;
  /** Of all that the archives of one command unpack to. */
  readonly unpackedMaxBytes: number;
  /** Files, folders and links of all archives of one command. */
  readonly membersMax: number;
  /** For one file, however steadily it comes. */
  readonly totalTimeoutMs: number;
}

const gibibyte = 1024 ** 3;

export const fetchLimits: FetchLimits = {
  /** Larger than any image of an operating system; a disk should not fill because of a wrong address. */
  fileMaxBytes: 16 * gibibyte,
  /** A few kilobytes of archive can unpack to any size: this is where it ends. */
  unpackedMaxBytes: 32 * gibibyte,
  /** Each takes an inode, and file systems run out of those. A large source tree has 100,000. */
  membersMax: 1_000_000,
  /** A file of the largest size at 5 MB/s. */
  totalTimeoutMs: 3_600_000,
};

/** What the flags say where nobody sets them. Source: Mesos src/slave/flags.cpp. */
export const fetcherDefaults = { cacheMaxBytes: 2 * gibibyte, stallTimeoutMs: 60_000 } as const;

/** As many as browsers follow, about; more is a loop. */
export const redirectsMax = 20;
