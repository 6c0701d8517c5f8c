/**
 * One kind of step: how it is made up, when it can be done, and what it does. A step is plain JSON with parameters by
 * position, so that it keeps its sense when a sequence shrinks.
 */

import fc from "fast-check";
import type { World } from "./world.ts";

export interface StepBase {
  readonly kind: string;
}

export interface CommandKind<Step extends StepBase> {
  /** Every field of the step; shrinks towards the simplest. */
  readonly arbitrary: fc.Arbitrary<Step>;
  /** Whether the step has something to act on now. */
  readonly check: (world: World, step: Step) => boolean;
  readonly run: (world: World, step: Step) => void | Promise<void>;
}

/** A position in a list that is counted round: of a framework, an offer, a task, a node. */
export const position = fc.nat({ max: 7 });
