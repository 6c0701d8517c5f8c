/** Bounds on what the agent decodes, each with its reason. */

import type { WireLimits } from "../../common/wire-check.ts";

/** A flush can hold the tasks of several ACCEPTs, each with its framework; the master takes as much from an agent. */
export const linkLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 32 } as const satisfies WireLimits;

/** A task and its framework, each from a call of at most 4 MiB, and a few updates. */
export const checkpointLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 32 } as const satisfies WireLimits;
