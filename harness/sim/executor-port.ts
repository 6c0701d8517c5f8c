/** The way from a simulated executor to the agent on its machine: no network between, bytes as on a real one. */

import { StreamId } from "../../common/ids.ts";
import { type Refusal, type Result, refuse } from "../../common/result.ts";
import type { Simulator } from "./simulator.ts";

/** Loopback: the same for all, so that messages keep their order. */
const latencyMs = 1;

export interface ExecutorListener {
  event(bytes: Uint8Array): void;
  closed(reason: string): void;
}

export interface ExecutorConnection {
  /** `settle` may never be called: the agent may die before. */
  call(bytes: Uint8Array, settle: (refusal: Refusal | undefined) => void): void;
  close(): void;
}

/** The agent's end. */
export interface ExecutorAcceptor {
  /** False while the process does not run at all. */
  isRunning(): boolean;
  subscribe(streamId: StreamId, bytes: Uint8Array): Result<void>;
  call(request: { streamId: StreamId; bytes: Uint8Array; settle: (refusal: Refusal | undefined) => void }): void;
  streamClosed(streamId: StreamId): void;
}

export class ExecutorPort {
  readonly #simulator: Simulator;
  readonly #acceptor: ExecutorAcceptor;
  readonly #listeners = new Map<StreamId, ExecutorListener>();
  #lastStream = 0;

  constructor(simulator: Simulator, acceptor: ExecutorAcceptor) {
    this.#simulator = simulator;
    this.#acceptor = acceptor;
  }

  /** Connects and subscribes. */
  connect(subscribe: Uint8Array, listener: ExecutorListener): ExecutorConnection {
    this.#lastStream += 1;
    const streamId = StreamId(`executor-stream-${this.#lastStream}`);
    this.#listeners.set(streamId, listener);
    this.#soon(() => {
      if (!this.#listeners.has(streamId)) return;
      const taken = this.#acceptor.isRunning() ? this.#acceptor.subscribe(streamId, subscribe) : refuse("UNAVAILABLE", "nobody listens");
      if (!taken.ok) this.close(streamId, taken.refusal);
    });
    return {
      call: (bytes, settle) =>
        this.#soon(() => {
          const answer = (refusal: Refusal | undefined): void => this.#soon(() => settle(refusal));
          if (this.#listeners.has(streamId) && this.#acceptor.isRunning()) this.#acceptor.call({ streamId, bytes, settle: answer });
        }),
      close: () => {
        if (!this.#listeners.delete(streamId)) return;
        this.#soon(() => this.#acceptor.streamClosed(streamId));
      },
    };
  }

  send(streamId: StreamId, bytes: Uint8Array): void {
    this.#soon(() => this.#listeners.get(streamId)?.event(bytes));
  }

  close(streamId: StreamId, refusal: Refusal | undefined): void {
    this.#soon(() => {
      const listener = this.#listeners.get(streamId);
      this.#listeners.delete(streamId);
      listener?.closed(refusal === undefined ? "OK" : `${refusal.code}: ${refusal.message}`);
    });
  }

  /** The agent's process is gone: its kernel ends the connections. */
  closeAll(): void {
    for (const streamId of this.#listeners.keys()) this.close(streamId, { code: "UNAVAILABLE", message: "the agent died" });
  }

  #soon(run: () => void): void {
    this.#simulator.after(latencyMs, run);
  }
}
