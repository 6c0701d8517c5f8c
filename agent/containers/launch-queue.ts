/** Launches that are ready, in their order. Starting one takes a while of the event loop, so after some others get their turn. */

import type { ContainerId } from "../../common/ids.ts";
import type { PreparedLaunch } from "./launch-preparations.ts";

/** A launch takes half a millisecond of the event loop, or some when it needs a new supervisor. */
const launchesPerTurn = 8;

export class LaunchQueue {
  readonly #launch: (launch: PreparedLaunch) => void;
  readonly #queued = new Map<ContainerId, PreparedLaunch>();
  #turn: NodeJS.Immediate | undefined;

  constructor(launch: (launch: PreparedLaunch) => void) {
    this.#launch = launch;
  }

  get size(): number {
    return this.#queued.size;
  }

  has(containerId: ContainerId): boolean {
    return this.#queued.has(containerId);
  }

  add(launch: PreparedLaunch): void {
    this.#queued.set(launch.spec.containerId, launch);
    this.#turn ??= setImmediate(() => this.#launchSome());
  }

  /** Before its turn. Without effect for one that does not wait. */
  launchNow(containerId: ContainerId): void {
    const launch = this.#queued.get(containerId);
    if (launch === undefined) return;
    this.#queued.delete(containerId);
    this.#launch(launch);
  }

  /** Nothing that waits is launched any more. */
  close(): void {
    this.#queued.clear();
    clearImmediate(this.#turn);
  }

  #launchSome(): void {
    this.#turn = undefined;
    for (const containerId of [...this.#queued.keys()].slice(0, launchesPerTurn)) this.launchNow(containerId);
    if (this.#queued.size > 0) this.#turn = setImmediate(() => this.#launchSome());
  }
}
