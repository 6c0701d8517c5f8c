/** What an agent knows before it has read its checkpoint: nothing but its configuration. */

import { DeadlineQueue } from "../../common/deadline-queue.ts";
import { createPrng } from "../../common/prng.ts";
import { createChecks } from "./checks/watches.ts";
import type { AgentConfig } from "./config.ts";
import { createHistory } from "./history.ts";
import type { AgentState } from "./state.ts";

export function createState(config: AgentConfig): AgentState {
  const prng = createPrng(config.seed);
  return {
    config,
    prng,
    connection: { kind: "recovering" },
    leader: undefined,
    lastLinkNumber: 0,
    attempt: 0,
    pingTimeoutMs: config.pingTimeoutMs,
    pingByMs: undefined,
    agentId: undefined,
    isAgentIdDurable: false,
    credential: config.newCredential,
    departed: new Map(),
    drain: undefined,
    drainStartedWallMs: undefined,
    drainEscalatesAtMs: undefined,
    isDrainRequested: false,
    checkpoint: { lastBatch: 0, inFlight: undefined, dirty: new Set(), written: new Set(), waiting: [] },
    history: createHistory(),
    frameworks: new Map(),
    tasks: new Map(),
    containers: new Map(),
    executors: new Map(),
    executorContainers: new Map(),
    executorStreams: new Map(),
    executorDeadlines: new DeadlineQueue(),
    executorHeartbeats: new DeadlineQueue(),
    unsettled: { groups: new Set(), executors: new Set(), resized: new Set() },
    unsentExits: [],
    retries: new DeadlineQueue(),
    checks: createChecks(),
    total: config.resources,
    durableTotal: config.resources,
    resourceVersion: prng.uuid(),
    operations: new Map(),
    operationRetries: new DeadlineQueue(),
  };
}
