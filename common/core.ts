/** The shape that the master's and the agent's pure state machines share; drivers and the simulator run nothing else. */

/** When an input arrives. `nowMs` is monotonic and decides; `wallMs` is Unix time and only stamps messages and records. */
export interface Instant {
  readonly nowMs: number;
  readonly wallMs: number;
}

export interface Core<Input, Effect> {
  /** Takes one input and answers what to do, in order. Synchronous; touches nothing but its own state. */
  step(input: Input, now: Instant): readonly Effect[];
  /** The monotonic instant at which a `tick` input is due, or undefined when nothing waits for time. */
  nextDeadlineMs(): number | undefined;
}
