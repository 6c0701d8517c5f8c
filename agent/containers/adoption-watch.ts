/**
 * Hears the end of containers whose supervisor is not our child, because an earlier agent started it. The kernel tells when
 * a record is written (inotify); a slow look at the process finds supervisors that were killed before they could write.
 */

import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import type { ContainerExit } from "../core/input.ts";
import { readContainerRecord, type StartRecord } from "./container-record.ts";
import { isProcessAlive } from "./process-table.ts";

/** A supervisor dies unheard only when somebody kills it, so hearing of it within a second is soon enough. */
const lookIntervalMs = 1_000;

/** What is said of a container whose supervisor was killed: nobody knows how it ended, only that it was not let be. */
export const killedExit: ContainerExit = { kind: "signalled", signal: 9 };

export class AdoptionWatch {
  readonly #recordsFolder: string;
  readonly #onEnd: (containerId: ContainerId, exit: ContainerExit) => void;
  readonly #adopted = new Map<string, { readonly containerId: ContainerId; readonly start: StartRecord }>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(recordsFolder: string, onEnd: (containerId: ContainerId, exit: ContainerExit) => void) {
    this.#recordsFolder = recordsFolder;
    this.#onEnd = onEnd;
  }

  add(containerId: ContainerId, start: StartRecord): void {
    this.#adopted.set(containerId, { containerId, start });
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#lookAtAll(), lookIntervalMs);
    try {
      this.#watcher = watch(this.#recordsFolder, (_event, name) => {
        if (name !== null) this.#look(name);
      });
      // Without inotify (its watches can run out) the slow look alone hears of ends.
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
    // What ended between the recovery and the watch.
    setImmediate(() => this.#lookAtAll());
  }

  close(): void {
    this.#adopted.clear();
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#timer = undefined;
    this.#watcher = undefined;
  }

  #lookAtAll(): void {
    for (const name of [...this.#adopted.keys()]) this.#look(name);
  }

  #look(name: string): void {
    const one = this.#adopted.get(name);
    if (one === undefined) return;
    // In this order: a supervisor that ends between the two looks has written before.
    const isAlive = isProcessAlive(one.start.supervisorPid, one.start.startTicks);
    const exit = readContainerRecord(join(this.#recordsFolder, name)).exit ?? (isAlive ? undefined : killedExit);
    if (exit === undefined) return;
    this.#adopted.delete(name);
    if (this.#adopted.size === 0) this.close();
    this.#onEnd(one.containerId, exit);
  }
}
