/** Weights of roles: a role of weight 2 has its fair share only when it holds twice as much as one of weight 1. */

/** By role; those that differ from 1. */
export type Weights = ReadonlyMap<string, number>;

export interface WeightState {
  /** What is durable; it holds. */
  current: Weights;
  /** The newest on its way into the registry; `current` when none is. Calls are checked against it, one after the other. */
  proposed: Weights;
}

export function createWeights(): WeightState {
  const none: Weights = new Map();
  return { current: none, proposed: none };
}

/** A new leader goes on with the weights of the one before. */
export function restoreWeights(state: WeightState, weights: Weights): void {
  state.current = weights;
  state.proposed = weights;
}
