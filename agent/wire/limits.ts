/** Bounds on what the agent decodes, each with its reason. */

import type { WireLimits } from "../../common/wire-check.ts";

/** A flush can hold the tasks of several ACCEPTs, each with its framework; the master takes as much from an agent. */
export const linkLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 32 } as const satisfies WireLimits;

/** gRPC's own default for a received message; an executor that comes back brings all that is not acknowledged. */
export const executorCallLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, subject: "the call" } as const satisfies WireLimits;

/** Entries of each list of an executor's SUBSCRIBE: as many as its agent has tasks. */
export const subscriptionUpdatesMax = 20_000;

/** Operators ask with a few flags and ids. */
export const operatorCallLimits = { maxBytes: 64 * 1024, maxDepth: 32, subject: "the call" } as const satisfies WireLimits;

/** A piece of input; whoever passes on what a pipe gave has 64 KiB at a time, others have more. */
export const inputLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, subject: "the call" } as const satisfies WireLimits;

/** A task and its framework, each from a call of at most 4 MiB, and a few updates. */
export const checkpointLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 32 } as const satisfies WireLimits;
