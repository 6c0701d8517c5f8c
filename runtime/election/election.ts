/** Who leads: a process contends with a description of itself and hears when it leads, and who else does. */

export interface ElectionListener<Candidate> {
  onGained(): void;
  /** Reported as early as the election can know; from here on nothing may be decided any more. */
  onLost(): void;
  onLeaderChanged(leader: Candidate | undefined): void;
}

export interface Election<Candidate> {
  /** Contends until `stop`. Called once. */
  contend(listener: ElectionListener<Candidate>): void;
  /** Gives leadership up, if held. */
  stop(): Promise<void>;
}
