/** The agent's checkpoint on a store of bytes: encodes what the core records, decodes what an earlier agent left. */

import { setImmediate } from "node:timers/promises";

import type { Store, StoreChange, StoreFormat } from "../runtime/store/store.ts";
import { StoreError } from "../runtime/store/store.ts";
import type { CheckpointChange, CheckpointRecord } from "./core/checkpoint-record.ts";
import type { AgentInput } from "./core/input.ts";
import { checkpointFormatVersion, decodeCheckpointRecord, encodeCheckpointRecord } from "./wire/checkpoint-codec.ts";

export const checkpointFormat: StoreFormat = { name: "tepui agent checkpoint", version: checkpointFormatVersion };

export interface CheckpointStore {
  /** Answered by `checkpointed` or `checkpointFailed`. */
  write(batch: number, changes: readonly CheckpointChange[]): void;
}

export interface OpenedCheckpoint {
  readonly records: readonly CheckpointRecord[];
  readonly checkpoint: CheckpointStore;
}

/** Reads everything. Rejects with StoreError when a record cannot be understood: an agent that guesses would lose tasks. */
export async function openCheckpoint(store: Store, dispatch: (input: AgentInput) => void): Promise<OpenedCheckpoint> {
  const contents = await store.read();
  const records: CheckpointRecord[] = [];
  for (const [key, bytes] of contents.entries) {
    const decoded = decodeCheckpointRecord(key, bytes);
    if (!decoded.ok) throw new StoreError(`record ${key} of the checkpoint: ${decoded.refusal.message}`);
    records.push(decoded.value);
  }
  let { version } = contents;

  async function write(batch: number, changes: readonly CheckpointChange[]): Promise<void> {
    // What was sent in this turn leaves first: to encode a batch takes as long as a message on its way.
    await setImmediate();
    const outcome = await store.write(version, changes.map(toStoreChange));
    if (outcome.kind === "conflict") throw new StoreError(`version ${version} was expected, the checkpoint has ${outcome.version}`);
    version = outcome.version;
    dispatch({ kind: "checkpointed", batch });
  }

  const fail = (batch: number, error: unknown): void =>
    dispatch({ kind: "checkpointFailed", batch, reason: error instanceof Error ? error.message : String(error) });
  return { records, checkpoint: { write: (batch, changes) => void write(batch, changes).catch((error: unknown) => fail(batch, error)) } };
}

function toStoreChange(change: CheckpointChange): StoreChange {
  return change.kind === "put" ? { kind: "put", key: change.key, value: encodeCheckpointRecord(change.record) } : change;
}
