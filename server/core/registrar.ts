/**
 * The way into the registry. One write is in flight at a time; what is proposed meanwhile waits and leaves as one batch. Each
 * write names the version that it expects, so the write of a deposed master is refused. Source: Mesos master/registrar.cpp.
 */

import { assert } from "../../common/assert.ts";
import { registryBatchMax } from "./limits.ts";
import { type RegistryOp, toRegistryChanges } from "./registry-op.ts";
import type { MasterState, RegistrarState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Has `op` written at the end of this step, or after the write that is in flight. */
export function propose(turn: Turn, op: RegistryOp): void {
  turn.state.registrar.waiting.push(op);
}

/** Whether nothing is being written, and nothing waits for it. */
export function isIdle({ inFlight, waiting }: RegistrarState): boolean {
  return inFlight.length === 0 && waiting.length === 0;
}

/** Starts the next write unless one is in flight. */
export function flushRegistrar(turn: Turn): void {
  const { registrar } = turn.state;
  if (registrar.inFlight.length > 0 || registrar.waiting.length === 0) return;
  registrar.inFlight = registrar.waiting.splice(0, registryBatchMax);
  // etcd refuses a transaction that puts a key twice, so only the last change of a key leaves.
  const changes = new Map(registrar.inFlight.flatMap(toRegistryChanges).map((change) => [change.key, change]));
  turn.emit({ kind: "writeRegistry", expectedVersion: registrar.version, changes: [...changes.values()] });
}

/** Takes the operations that became durable with this version. */
export function takeWritten(state: MasterState, version: number): readonly RegistryOp[] {
  const { registrar } = state;
  assert(registrar.inFlight.length > 0, `registry version ${version} was written, but no write is in flight`);
  assert(version === registrar.version + 1, `registry version ${version} was written, but ${registrar.version + 1} was next`);
  const written = registrar.inFlight;
  registrar.version = version;
  registrar.inFlight = [];
  return written;
}
