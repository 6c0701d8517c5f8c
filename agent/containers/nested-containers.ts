/**
 * The containers that operators start within those of tasks and executors. Supervisors watch over them and record how they end, as for
 * tasks, so an agent that starts again goes on with them; a session ends with the call that has its output. What is known of one that has
 * ended stays for those who ask how, until it is removed, others need the room, or an agent starts that does not know the container
 * around it.
 */

import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { parentContainerId } from "../../common/container-id.ts";
import type { ContainerId } from "../../common/ids.ts";
import { type Result, refuse, succeed } from "../../common/result.ts";
import type { ContainerExit, RecoveredContainer } from "../core/input.ts";
import type { Surroundings } from "../core/surroundings.ts";
import type { NestedLaunch } from "../wire/nested-calls.ts";
import { killedExit } from "./adoption-watch.ts";
import type { Place, UserSwitch } from "./beside-commands.ts";
import type { ProcessRuntime } from "./process-runtime.ts";
import { removeTree } from "./remove-tree.ts";
import { findRunAs, type RunAs, wantedUser } from "./run-as.ts";
import { isReachedWithoutLinks, nestedFolder } from "./sandbox-layout.ts";
import { SessionCommand } from "./session-command.ts";
import type { WithinSpec } from "./spawn-nested.ts";
import { plainCommandLine } from "./task-environment.ts";
import { onTerminal } from "./terminal.ts";

/** At a time: each is up to five processes. */
const runningMax = 256;

/** Of which something is still known, some 500 bytes each. */
const endedMax = 1_000;

/** Calls that wait for the end of one container. */
const waitersMax = 64;

/** A container that was just launched takes a moment until others may enter it, and a command until it can hear a signal. */
const readyPollMs = 20;
const readyPollsMax = 500;

/** What of the runtime it takes to have containers within its own. */
export type NestingRuntime = Pick<ProcessRuntime, "findPlace" | "launchNested" | "watchNested" | "signalCommand" | "killNested" | "remove">;

export interface NestedContainersOptions {
  readonly runtime: NestingRuntime;
  /** The sandbox of a container of the agent's own, where it is known. */
  readonly folderOf: (containerId: ContainerId) => string | undefined;
  readonly users: UserSwitch;
  /** Absolute and without links. */
  readonly workDirectory: string;
}

interface Entry {
  readonly parentId: ContainerId;
  readonly isSession: boolean;
  /** False while it is launched. */
  hasBegun: boolean;
  /** Of a session that has begun. */
  command: SessionCommand | undefined;
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
  readonly surroundings: Surroundings;
}

/** What is known of one that runs. */
export interface RunningNested {
  readonly isSession: boolean;
  /** Undefined as long as the sandbox around it is being found again after a restart. */
  readonly folder: string | undefined;
}

export class NestedContainers {
  readonly #options: NestedContainersOptions;
  readonly #entries = new Map<ContainerId, Entry>();
  #isClosed = false;

  /** Goes on with what an earlier agent has started. */
  constructor(options: NestedContainersOptions) {
    this.#options = options;
    for (const one of options.runtime.watchNested((containerId, exit) => this.#end(containerId, exit))) this.#adopt(one);
    this.#forgetOldest();
  }

  /** Those that run, with the containers around them. */
  running(): readonly { readonly containerId: ContainerId; readonly parentId: ContainerId }[] {
    return [...this.#entries].flatMap(([containerId, { parentId, exit }]) => (exit === undefined ? [{ containerId, parentId }] : []));
  }

  /** Undefined for one that does not run. */
  find(containerId: ContainerId): RunningNested | undefined {
    const entry = this.#entries.get(containerId);
    if (entry === undefined || !entry.hasBegun || entry.exit !== undefined) return undefined;
    const around = this.#options.folderOf(entry.parentId);
    return { isSession: entry.isSession, folder: around === undefined ? undefined : nestedFolder(around, containerId) };
  }

  /** It runs in a sandbox of its own, and goes on without its caller. */
  launch(request: NestedRequest): Promise<Result<undefined>> {
    return this.#begin(request, false, async () => {
      const { containerId, surroundings } = request;
      const prepared = await this.#prepare(request);
      if (!prepared.ok) return prepared;
      const { endsWithAgent } = surroundings;
      const problem = this.#options.runtime.launchNested({ ...prepared.value, containerId, endsWithAgent });
      return problem === undefined ? succeed(undefined) : cannotLaunch(problem);
    });
  }

  /** Its output is in the hands of the caller. */
  launchSession(request: NestedRequest): Promise<Result<SessionCommand>> {
    const { containerId, terminal } = request;
    return this.#begin(request, true, async (entry) => {
      const plain = plainCommandLine(request.command);
      const commandLine = terminal === undefined ? plain : await onTerminal(plain, terminal);
      if (commandLine === undefined)
        return refuse("FAILED_PRECONDITION", "a terminal needs the program script of util-linux on the agent's machine");
      const prepared = await this.#prepare(request);
      if (!prepared.ok) return prepared;
      const command = await SessionCommand.start({ ...prepared.value, commandLine });
      entry.command = command;
      // The agent ended meanwhile.
      if (this.#isClosed) command.kill();
      void command.ended.then((exit) => this.#end(containerId, exit));
      return succeed(command);
    });
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

  /** To the command; SIGKILL to everything beneath it. */
  async signal(containerId: ContainerId, number: number): Promise<Result<undefined>> {
    const { runtime } = this.#options;
    const entry = this.#entries.get(containerId);
    for (let poll = 0; poll < readyPollsMax; poll++) {
      if (entry === undefined || !entry.hasBegun || entry.exit !== undefined) return unknown(containerId);
      if (entry.command !== undefined) {
        entry.command.signal(number);
        return succeed(undefined);
      }
      if (number === constants.signals.SIGKILL) {
        runtime.killNested(containerId);
        return succeed(undefined);
      }
      if (runtime.signalCommand(containerId, number)) return succeed(undefined);
      await sleep(readyPollMs);
    }
    return refuse("UNAVAILABLE", `the command of container ${containerId} did not begin in time`);
  }

  /** Forgets one that has ended, and removes its sandbox. */
  async remove(containerId: ContainerId): Promise<Result<undefined>> {
    const entry = this.#entries.get(containerId);
    if (entry === undefined) return unknown(containerId);
    if (entry.exit === undefined) return refuse("FAILED_PRECONDITION", `container ${containerId} must have ended before it is removed`);
    const around = this.#options.folderOf(entry.parentId);
    this.#forget(containerId, entry);
    if (entry.isSession || around === undefined) return succeed(undefined);
    const folder = nestedFolder(around, containerId);
    try {
      if (isReachedWithoutLinks(folder)) await removeTree(folder, join(this.#options.workDirectory, "trash"));
    } catch {
      // It goes with the sandbox around it.
    }
    return succeed(undefined);
  }

  /** The standard input of a session, for one caller at a time, who says when he is done. */
  takeInput(containerId: ContainerId): Result<TakenInput> {
    const entry = this.#entries.get(containerId);
    if (entry === undefined || entry.exit !== undefined) return unknown(containerId);
    const { command } = entry;
    const input = command?.input;
    if (command === undefined || input === undefined) {
      return refuse("FAILED_PRECONDITION", `container ${containerId} must be that of a session: others have no input`);
    }
    if (entry.hasInput) return refuse("FAILED_PRECONDITION", `the input of ${containerId} is attached already`);
    entry.hasInput = true;
    const giveBack = (): void => {
      entry.hasInput = false;
    };
    return succeed({ input, giveBack, ended: command.ended });
  }

  /** Sessions end with the agent; the others are the next one's. */
  close(): void {
    this.#isClosed = true;
    for (const { command, waiters } of this.#entries.values()) {
      command?.kill();
      for (const tell of waiters) tell(undefined);
      waiters.clear();
    }
  }

  #adopt({ containerId, ...found }: RecoveredContainer): void {
    const exit = found.state === "running" ? undefined : found.state === "ended" ? found.exit : killedExit;
    const parentId = parentContainerId(containerId) ?? containerId;
    this.#entries.set(containerId, { ...newEntry(parentId, false), hasBegun: true, exit });
  }

  /** Keeps the id from others while `start` is at it. */
  async #begin<T>(request: NestedRequest, isSession: boolean, start: (entry: Entry) => Promise<Result<T>>): Promise<Result<T>> {
    const { containerId, parentId } = request;
    if (this.#isClosed) return refuse("UNAVAILABLE", "the agent ends");
    if (this.#entries.has(containerId)) return refuse("ALREADY_EXISTS", `container ${containerId} exists already`);
    if (this.running().length >= runningMax) return refuse("RESOURCE_EXHAUSTED", `${runningMax} nested containers run, which is the limit`);
    const entry = newEntry(parentId, isSession);
    this.#entries.set(containerId, entry);
    let started: Result<T>;
    try {
      started = await start(entry);
    } catch (error) {
      started = cannotLaunch(error instanceof Error ? error.message : String(error));
    }
    entry.hasBegun = started.ok;
    if (started.ok) return started;
    this.#entries.delete(containerId);
    for (const tell of entry.waiters) tell(undefined);
    return started;
  }

  /** Throws what is wrong with the user. */
  async #prepare({ containerId, parentId, command, surroundings }: NestedRequest): Promise<Result<WithinSpec>> {
    const { own, switchUser } = this.#options.users;
    const user = command.user ?? surroundings.user;
    const whole = { ...command, user, environment: [...surroundings.own, ...command.environment] };
    const wanted = wantedUser({ command: whole, frameworkUser: surroundings.frameworkUser }, own, switchUser);
    const runAs: RunAs | undefined = wanted === undefined ? undefined : await findRunAs(wanted, own, switchUser);
    const place = await this.#awaitPlace(parentId);
    if (this.#isClosed) return refuse("UNAVAILABLE", "the agent ends");
    if (place === undefined) return refuse("NOT_FOUND", `container ${parentId} does not run`);
    const name = containerId.slice(parentId.length + 1);
    return succeed({ parentId, name, place, runAs, command: whole, environment: surroundings.added });
  }

  async #awaitPlace(parentId: ContainerId): Promise<Place | undefined> {
    for (let poll = 0; poll < readyPollsMax; poll++) {
      const place = this.#options.runtime.findPlace(parentId);
      if (place !== "later") return place;
      await sleep(readyPollMs);
    }
    return undefined;
  }

  #end(containerId: ContainerId, exit: ContainerExit): void {
    const entry = this.#entries.get(containerId);
    if (entry === undefined) return;
    entry.exit = exit;
    for (const tell of entry.waiters) tell(exit);
    entry.waiters.clear();
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const ended = [...this.#entries].filter(([, one]) => one.exit !== undefined);
    for (const [containerId, entry] of ended.slice(0, Math.max(0, ended.length - endedMax))) this.#forget(containerId, entry);
  }

  #forget(containerId: ContainerId, entry: Entry): void {
    this.#entries.delete(containerId);
    if (!entry.isSession) this.#options.runtime.remove(containerId);
  }
}

function newEntry(parentId: ContainerId, isSession: boolean): Entry {
  return { parentId, isSession, hasBegun: false, command: undefined, exit: undefined, hasInput: false, waiters: new Set() };
}

function cannotLaunch(reason: string): Result<never> {
  return refuse("FAILED_PRECONDITION", `the container cannot be launched: ${reason}`);
}

function unknown(containerId: ContainerId): Result<never> {
  return refuse("NOT_FOUND", `there is no nested container ${containerId}, or it does not run`);
}
