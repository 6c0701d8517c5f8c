/** What a framework of the workload remembers of the operations that it gave a name. */

import { isOperationOver, type OperationState } from "../../common/operation-status.ts";
import type { CallJson, OperationJson, OperationStatusJson } from "../history/event.ts";

export interface KnownStatus {
  readonly operationId: string;
  readonly agentId: string;
  readonly uuid: string;
}

export interface OpenOperation {
  readonly operationId: string;
  /** The agent that it was for, where the framework knew it. */
  readonly agentId: string | undefined;
  /** OPERATION_PENDING until something is heard. */
  state: string;
}

export class OperationBook {
  readonly #send: (body: CallJson) => void;
  /** Named, sent, and not known to be over. */
  readonly #open = new Map<string, OpenOperation>();
  /** By uuid. */
  readonly unacknowledged = new Map<string, KnownStatus>();
  #count = 0;

  constructor(send: (body: CallJson) => void) {
    this.#send = send;
  }

  get open(): readonly OpenOperation[] {
    return [...this.#open.values()];
  }

  newId(framework: string): string {
    return `${framework}-operation-${++this.#count}`;
  }

  sent(operations: readonly OperationJson[], agentId: string | undefined): void {
    for (const { id } of operations) if (id !== undefined) this.#open.set(id, { operationId: id, agentId, state: "OPERATION_PENDING" });
  }

  /** A refused call had no effect: nobody will say anything of its operations. */
  refused(operations: readonly OperationJson[]): void {
    for (const { id } of operations) if (id !== undefined) this.#open.delete(id);
  }

  heard({ operationId, agentId, state, uuid }: OperationStatusJson, acknowledges: boolean): void {
    if (operationId === undefined) return;
    const open = this.#open.get(operationId);
    if (isOperationOver(state as OperationState) || state === "OPERATION_UNKNOWN") this.#open.delete(operationId);
    else if (open !== undefined) open.state = state;
    if (uuid === undefined || agentId === undefined) return;
    const status: KnownStatus = { operationId, agentId, uuid };
    if (acknowledges) this.acknowledge(status);
    else this.unacknowledged.set(uuid, status);
  }

  acknowledge({ agentId, operationId, uuid }: KnownStatus): void {
    this.unacknowledged.delete(uuid);
    this.#send({ kind: "acknowledgeOperation", agentId, operationId, uuid });
  }

  /** Explicit reconciliation of every operation that is not known to be over. */
  reconcileOpen(): void {
    if (this.#open.size === 0) return;
    const operations = this.open.map(({ operationId, agentId }) => ({ operationId, ...(agentId === undefined ? {} : { agentId }) }));
    this.#send({ kind: "reconcileOperations", operations });
  }

  /** Acknowledges all and asks for what is open. */
  settleDown(): void {
    for (const status of [...this.unacknowledged.values()]) this.acknowledge(status);
    this.reconcileOpen();
  }

  clear(): void {
    this.#open.clear();
    this.unacknowledged.clear();
  }
}
