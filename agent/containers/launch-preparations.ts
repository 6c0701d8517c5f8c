/**
 * What a launch may need before anything can be started: the user is looked up, files are fetched, the sandbox is handed over. All of
 * it may take long, and can be given up at any moment; nothing of the task runs until it is done. An agent that ends meanwhile leaves
 * a sandbox without a record, so the task counts as never launched.
 */

import { lchown, opendir } from "node:fs/promises";
import { join } from "node:path";

import type { ContainerId } from "../../common/ids.ts";
import type { ContainerSpec } from "../core/effect.ts";
import type { Fetcher } from "../fetcher/fetcher.ts";
import { linkContainerVolumes, readOnlyPaths } from "./container-volumes.ts";
import { limitPrefix } from "./process-limits.ts";
import { readOnlyPrefix } from "./read-only.ts";
import { environmentFile, findRunAs, type OwnUser, type RunAs, wantedUser } from "./run-as.ts";
import { outputNames } from "./sandbox-layout.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { SystemUser } from "./system-users.ts";
import { environmentOf, writeEnvironmentFile } from "./task-environment.ts";
import { giveVolumes, linkVolumes } from "./volumes.ts";

/**
 * Launches that are prepared at a time; others wait their turn. Each may hold a connection and a handful of files open, and more
 * downloads at once would only be slower each.
 */
const preparationsMax = 64;

/** Names in a sandbox that belong to the agent. */
const reservedNames = [...outputNames, environmentFile];

/** A launch with all that it needs. With a `runAs` the sandbox has its volumes already, and all in it is the user's. */
export interface PreparedLaunch {
  readonly spec: ContainerSpec;
  /** Undefined for the agent's own user. */
  readonly runAs: RunAs | undefined;
  /** What stands before the command line for the container's limits, and for volumes that it may only read. */
  readonly prefix: readonly string[];
}

export interface PreparationsOptions {
  readonly fetcher: Fetcher;
  readonly own: OwnUser;
  readonly switchUser: boolean;
  /** Absolute. */
  readonly workDirectory: string;
  readonly sandboxes: Pick<Sandboxes, "createFolder">;
  readonly onReady: (launch: PreparedLaunch) => void;
  readonly onFailed: (containerId: ContainerId, reason: string) => void;
}

export class LaunchPreparations {
  readonly #options: PreparationsOptions;
  readonly #running = new Map<ContainerId, AbortController>();
  /** In the order in which they came. */
  readonly #waiting = new Map<ContainerId, ContainerSpec>();

  constructor(options: PreparationsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#running.size + this.#waiting.size;
  }

  has(containerId: ContainerId): boolean {
    return this.#running.has(containerId) || this.#waiting.has(containerId);
  }

  /** False when the launch can be made as it is; else `onReady` or `onFailed` follows, unless it is cancelled. */
  add(spec: ContainerSpec): boolean {
    const { own, switchUser } = this.#options;
    const { volumes, processLimits } = spec.setup ?? { volumes: [], processLimits: [] };
    const isSimple = processLimits.length === 0 && !volumes.some(({ isReadOnly }) => isReadOnly);
    if (spec.command.uris.length === 0 && isSimple && wantedUser(spec, own, switchUser) === undefined) return false;
    this.#waiting.set(spec.containerId, spec);
    this.#startWaiting();
    return true;
  }

  /** Gives it up; nothing more is heard of it. False when there is nothing to give up. */
  cancel(containerId: ContainerId): boolean {
    if (this.#waiting.delete(containerId)) return true;
    const abort = this.#running.get(containerId);
    if (abort === undefined) return false;
    this.#running.delete(containerId);
    abort.abort(new Error("the launch was given up"));
    this.#startWaiting();
    return true;
  }

  cancelAll(): void {
    this.#waiting.clear();
    for (const containerId of [...this.#running.keys()]) this.cancel(containerId);
  }

  #startWaiting(): void {
    for (const [containerId, spec] of this.#waiting) {
      if (this.#running.size >= preparationsMax) return;
      this.#waiting.delete(containerId);
      const abort = new AbortController();
      this.#running.set(containerId, abort);
      const ready = (launch: PreparedLaunch): void => this.#finish(containerId, abort, () => this.#options.onReady(launch));
      const failed = (error: unknown): void => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#finish(containerId, abort, () => this.#options.onFailed(containerId, reason));
      };
      // What these throw is a fault of the agent's own and must end it.
      void this.#prepare(spec, abort.signal).then(ready, failed);
    }
  }

  /** What was cancelled meanwhile is nobody's business any more. */
  #finish(containerId: ContainerId, abort: AbortController, tell: () => void): void {
    if (this.#running.get(containerId) !== abort) return;
    this.#running.delete(containerId);
    this.#startWaiting();
    tell();
  }

  async #prepare(spec: ContainerSpec, signal: AbortSignal): Promise<PreparedLaunch> {
    const { fetcher, own, switchUser, workDirectory, sandboxes } = this.#options;
    const { uris } = spec.command;
    const { volumes, processLimits } = spec.setup ?? { volumes: [], processLimits: [] };
    const limits = await limitPrefix(processLimits);
    const wanted = wantedUser(spec, own, switchUser);
    const runAs = wanted === undefined ? undefined : await findRunAs(wanted, own, switchUser);
    signal.throwIfAborted();
    const folder = sandboxes.createFolder(spec.containerId, spec.sandbox);
    const prefix = [...(await readOnlyPrefix(readOnlyPaths(folder, volumes), workDirectory)), ...limits];
    signal.throwIfAborted();
    if (uris.length > 0) {
      const userName = runAs?.user.name ?? own.name;
      await fetcher.fetch({ uris, folder, reserved: reservedNames, userName, switchUser: runAs?.prefix ?? [], signal });
    }
    if (runAs === undefined) return { spec, runAs, prefix };
    writeEnvironmentFile(folder, environmentOf(spec, folder));
    linkVolumes(workDirectory, folder, spec.volumes);
    linkContainerVolumes(folder, volumes, runAs.user);
    giveVolumes(workDirectory, spec.volumes, runAs.user);
    await giveContents(folder, runAs.user);
    return { spec, runAs, prefix };
  }
}

/**
 * Hands over what is in the folder, not the folder itself: as long as that is the agent's, nobody can put something else in the
 * place of what the agent is about to open there. Links are handed over themselves, not what they lead to.
 */
async function giveContents(folder: string, user: SystemUser): Promise<void> {
  for await (const entry of await opendir(folder)) {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) await giveContents(place, user);
    await lchown(place, user.uid, user.gid);
  }
}
