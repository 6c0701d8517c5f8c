/** How quick and how kind the simulated world is. Lengths of time in milliseconds of virtual time. */

export interface SimOptions {
  /** One way, per message; order within a stream is kept. */
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** How long a broken connection goes unnoticed at one end. */
  readonly closeDelayMaxMs: number;
  /** How long an end may wait on a silent network before its keep-alive gives up; it may also wait until the network is back. */
  readonly keepAliveMaxMs: number;
  readonly connectTimeoutMs: number;
  /** Deadline of one scheduler call. */
  readonly callTimeoutMs: number;
  readonly writeLatencyMaxMs: number;
  readonly containerLatencyMaxMs: number;
  /** From the order to launch a command that needs files until they are there, or cannot be had. */
  readonly fetchLatencyMaxMs: number;
  /** Several masters only: how long a silent leader keeps its leadership. */
  readonly leaseMs: number;
  /** From the start of a node's process to its first input. */
  readonly startDelayMaxMs: number;
  /** How often a running task writes its ledger. */
  readonly beatIntervalMs: number;
  /** How far a node's wall clock may be off, either way. */
  readonly wallSkewMaxMs: number;
  /** A core's own invariants are checked after every so many of its steps: what is broken stays broken, and a look is dear. */
  readonly invariantsEverySteps: number;
}

export const simDefaults: SimOptions = {
  latencyMinMs: 0,
  latencyMaxMs: 3,
  closeDelayMaxMs: 20,
  keepAliveMaxMs: 40_000,
  connectTimeoutMs: 5_000,
  callTimeoutMs: 30_000,
  writeLatencyMaxMs: 8,
  containerLatencyMaxMs: 15,
  fetchLatencyMaxMs: 3_000,
  leaseMs: 5_000,
  startDelayMaxMs: 100,
  beatIntervalMs: 2_000,
  wallSkewMaxMs: 2_000,
  invariantsEverySteps: 32,
};
