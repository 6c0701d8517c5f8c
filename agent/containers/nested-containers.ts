/**
 * The containers that operators start within those of tasks and executors. They belong to the process of the agent: nothing of them is
 * recorded, and none outlives it. What is known of one that has ended stays for those who ask how, until it is removed or others need
 * the room.
 */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { ContainerId } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { ContainerExit } from "../core/input.ts";
import type { Surroundings } from "../core/surroundings.ts";
import type { NestedLaunch } from "../wire/nested-calls.ts";
import type { FindPlace, Place, UserSwitch } from "./beside-commands.ts";
import { NestedCommand } from "./nested-command.ts";
import { removeTree } from "./remove-tree.ts";
import { findRunAs, wantedUser } from "./run-as.ts";
import { isReachedWithoutLinks } from "./sandbox-layout.ts";
import { plainCommandLine } from "./task-environment.ts";
import { onTerminal } from "./terminal.ts";

/** At a time: each is up to five processes. */
const runningMax = 256;

/** Of which something is still known, some 500 bytes each. */
const endedMax = 1_000;

/** Calls that wait for the end of one container. */
const waitersMax = 64;

/** A container that was just launched takes a moment until others may enter it. */
const placePollMs = 20;
const placePollsMax = 500;

export interface NestedContainersOptions {
  readonly findPlace: FindPlace;
  readonly users: UserSwitch;
  /** Absolute and without links. */
  readonly workDirectory: string;
}

interface Entry {
  readonly parentId: ContainerId;
  /** Undefined while it is launched. */
  command: NestedCommand | undefined;
  exit: ContainerExit | undefined;
  hasInput: boolean;
  readonly waiters: Set<(exit: ContainerExit | undefined) => void>;
}

/** The input of a session in the hands of one caller. */
export interface TakenInput {
  readonly input: NodeJS.WritableStream;
  readonly giveBack: () => void;
  /** The session is over. */
  readonly ended: Promise<unknown>;
}

export interface NestedRequest extends NestedLaunch {
  readonly isSession: boolean;
  readonly surroundings: Surroundings;
}

export class NestedContainers {
  readonly #options: NestedContainersOptions;
  readonly #entries = new Map<ContainerId, Entry>();
  #isClosed = false;

  constructor(options: NestedContainersOptions) {
    this.#options = options;
  }

  /** Those that run, with the containers around them. */
  running(): readonly { readonly containerId: ContainerId; readonly parentId: ContainerId }[] {
    return [...this.#entries].flatMap(([containerId, { parentId, exit }]) => (exit === undefined ? [{ containerId, parentId }] : []));
  }

  /** Undefined for one that does not run. */
  find(containerId: ContainerId): NestedCommand | undefined {
    const entry = this.#entries.get(containerId);
    return entry?.exit === undefined ? entry?.command : undefined;
  }

  async launch(request: NestedRequest): Promise<Result<NestedCommand>> {
    const { containerId, parentId } = request;
    if (this.#isClosed) return refuse("UNAVAILABLE", "the agent ends");
    if (this.#entries.has(containerId)) return refuse("ALREADY_EXISTS", `container ${containerId} exists already`);
    if (this.running().length >= runningMax) return refuse("RESOURCE_EXHAUSTED", `${runningMax} nested containers run, which is the limit`);
    const entry: Entry = { parentId, command: undefined, exit: undefined, hasInput: false, waiters: new Set() };
    this.#entries.set(containerId, entry);
    const started = await this.#start(request);
    if (!started.ok) {
      this.#entries.delete(containerId);
      for (const tell of entry.waiters) tell(undefined);
      return started;
    }
    entry.command = started.value;
    // The agent ended meanwhile.
    if (this.#isClosed) started.value.kill();
    void started.value.ended.then((exit) => this.#end(entry, exit));
    return started;
  }

  /** Calls `onExit` once, with undefined when nothing was started after all or the agent ends; the answered function takes that back. */
  wait(containerId: ContainerId, onExit: (exit: ContainerExit | undefined) => void): Result<() => void> {
    const entry = this.#entries.get(containerId);
    if (entry === undefined) return unknown(containerId);
    if (entry.exit !== undefined) {
      onExit(entry.exit);
      return succeed(() => {});
    }
    if (entry.waiters.size >= waitersMax)
      return refuse("RESOURCE_EXHAUSTED", `${waitersMax} calls wait for ${containerId}, which is the limit`);
    entry.waiters.add(onExit);
    return succeed(() => entry.waiters.delete(onExit));
  }

  signal(containerId: ContainerId, number: number): Result<undefined> {
    const command = this.find(containerId);
    if (command === undefined) return unknown(containerId);
    command.signal(number);
    return succeed(undefined);
  }

  /** Forgets one that has ended, and removes its sandbox. */
  async remove(containerId: ContainerId): Promise<Result<undefined>> {
    const entry = this.#entries.get(containerId);
    if (entry === undefined) return unknown(containerId);
    if (entry.exit === undefined) return refuse("FAILED_PRECONDITION", `container ${containerId} must have ended before it is removed`);
    this.#entries.delete(containerId);
    const { command } = entry;
    if (command === undefined || command.isSession) return succeed(undefined);
    try {
      if (isReachedWithoutLinks(command.folder)) await removeTree(command.folder, join(this.#options.workDirectory, "trash"));
    } catch {
      // It goes with the sandbox around it.
    }
    return succeed(undefined);
  }

  /** The standard input of a session, for one caller at a time, who says when he is done. */
  takeInput(containerId: ContainerId): Result<TakenInput> {
    const entry = this.#entries.get(containerId);
    const input = entry?.command?.input;
    if (entry === undefined || entry.exit !== undefined) return unknown(containerId);
    if (input === undefined || entry.command?.isSession !== true) {
      return refuse("FAILED_PRECONDITION", `container ${containerId} must be that of a session: others have no input`);
    }
    if (entry.hasInput) return refuse("FAILED_PRECONDITION", `the input of ${containerId} is attached already`);
    entry.hasInput = true;
    const giveBack = (): void => {
      entry.hasInput = false;
    };
    return succeed({ input, giveBack, ended: entry.command.ended });
  }

  /** Nothing is left of them. */
  close(): void {
    this.#isClosed = true;
    for (const { command, waiters } of this.#entries.values()) {
      command?.kill();
      for (const tell of waiters) tell(undefined);
      waiters.clear();
    }
  }

  async #start({ containerId, parentId, command, terminal, isSession, surroundings }: NestedRequest): Promise<Result<NestedCommand>> {
    const { own, switchUser } = this.#options.users;
    const user = command.user ?? surroundings.user;
    const whole = { ...command, user, environment: [...surroundings.own, ...command.environment] };
    const wanted = wantedUser({ command: whole, frameworkUser: surroundings.frameworkUser }, own, switchUser);
    try {
      const runAs = wanted === undefined ? undefined : await findRunAs(wanted, own, switchUser);
      const plain = plainCommandLine(whole);
      const session = isSession ? (terminal === undefined ? plain : await onTerminal(plain, terminal)) : undefined;
      if (isSession && session === undefined) {
        return refuse("FAILED_PRECONDITION", "a terminal needs the program script of util-linux on the agent's machine");
      }
      const place = await this.#awaitPlace(parentId);
      if (place === undefined) return refuse("NOT_FOUND", `container ${parentId} does not run`);
      const name = containerId.slice(parentId.length + 1);
      const { added: environment } = surroundings;
      return succeed(await NestedCommand.start({ parentId, name, place, runAs, command: whole, environment, session }));
    } catch (error) {
      return refuse("FAILED_PRECONDITION", `the container cannot be launched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #awaitPlace(parentId: ContainerId): Promise<Place | undefined> {
    for (let poll = 0; poll < placePollsMax; poll++) {
      const place = this.#options.findPlace(parentId);
      if (place !== "later") return place;
      await sleep(placePollMs);
    }
    return undefined;
  }

  #end(entry: Entry, exit: ContainerExit): void {
    entry.exit = exit;
    for (const tell of entry.waiters) tell(exit);
    entry.waiters.clear();
    const ended = [...this.#entries].filter(([, one]) => one.exit !== undefined);
    for (const [containerId] of ended.slice(0, Math.max(0, ended.length - endedMax))) this.#entries.delete(containerId);
  }
}

function unknown(containerId: ContainerId): Result<never> {
  return refuse("NOT_FOUND", `there is no nested container ${containerId}, or it does not run`);
}
