/** Weights of roles: a role of weight 2 has its fair share only when it holds twice as much as one of weight 1. */

/** By role; those that differ from 1. */
export type Weights = ReadonlyMap<string, number>;
