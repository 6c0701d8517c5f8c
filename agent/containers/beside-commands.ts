/**
 * Runs commands beside a container's own: in its sandbox, as its user, with its environment and in its cgroup, so that whatever ends
 * the container ends them, too. A command never outlives this process: each has a watcher in its process group that kills the group
 * when the pipe from the agent breaks.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";

import type { ContainerId } from "../../common/ids.ts";
import type { ProbeResult } from "../core/checks/check-spec.ts";
import type { CommandDescription } from "../core/command-description.ts";
import { enterGroupsScript, groupArguments } from "./enter-groups.ts";
import { findRunAs, type OwnUser, type RunAs, wantedUser } from "./run-as.ts";
import { exportLines } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";
import { commandAsWithInput, environmentOf, plainCommandLine, plainEnvironment } from "./task-environment.ts";

/**
 * The control groups, as `groupArguments` has them, then the command; fd 3 a socket to the agent. The watcher is started twice removed,
 * so that the command has no child that it does not know. The agent kills the group when the command has ended, and the watcher with it.
 */
const script = `${enterGroupsScript}( { read -r _ <&3; kill -KILL 0; } & )
exec 3<&-
exec "$@"
`;

/** How often to look whether a container is ready. */
const readyPollMs = 20;

/** What a command can say on its socket before it starts is one line. */
const complaintMaxLength = 256;

/** Where a container's commands run. */
export interface Place {
  readonly folder: string;
  readonly cgroup: string | undefined;
  /** Control groups of version 1 that keep it within its limits. */
  readonly groups: readonly string[];
}

/** Undefined for a container that does not run; "later" as long as it is on its way, or is being found again. */
export type FindPlace = (containerId: ContainerId) => Place | "later" | undefined;

export interface BesideOrder {
  readonly containerId: ContainerId;
  /** With the task's environment and the task's user; its files are not fetched. */
  readonly command: CommandDescription;
  readonly frameworkUser: string;
}

/** As whom the agent may run commands. */
export interface UserSwitch {
  readonly own: OwnUser;
  readonly switchUser: boolean;
}

export class BesideCommands {
  readonly #findPlace: FindPlace;
  readonly #users: UserSwitch;
  /** Ends of what runs. The agent's core bounds them. */
  readonly #stops = new Map<() => void, ContainerId>();

  constructor(findPlace: FindPlace, users: UserSwitch) {
    this.#findPlace = findPlace;
    this.#users = users;
  }

  /** `onEnd` is called once, unless the answered function was called before; that ends the command with all its process group. */
  start(order: BesideOrder, onEnd: (result: ProbeResult) => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    let kill = (): void => {};
    const stop = (): void => {
      this.#stops.delete(stop);
      clearTimeout(timer);
      kill();
    };
    const end = (result: ProbeResult): void => {
      if (this.#stops.delete(stop)) onEnd(result);
    };
    const fail = (error: unknown): void => end({ kind: "notDone", reason: error instanceof Error ? error.message : String(error) });
    const begin = (runAs: RunAs | undefined): void => {
      if (!this.#stops.has(stop)) return;
      const place = this.#findPlace(order.containerId);
      if (place === undefined) fail("the container does not run");
      else if (place === "later") timer = setTimeout(() => begin(runAs), readyPollMs);
      else kill = spawnBeside({ order, place, runAs, onEnd: end, onFailed: fail });
    };
    this.#stops.set(stop, order.containerId);
    const { own, switchUser } = this.#users;
    const wanted = wantedUser(order, own, switchUser);
    if (wanted === undefined) begin(undefined);
    else findRunAs(wanted, own, switchUser).then(begin).catch(fail);
    return stop;
  }

  /** Ends what runs in one container. That the container ends says nothing of what was to be learnt. */
  closeIn(containerId: ContainerId): void {
    for (const [stop, place] of this.#stops) if (place === containerId) stop();
  }

  /** Ends everything. */
  close(): void {
    for (const stop of this.#stops.keys()) stop();
  }
}

interface Spawn {
  readonly order: BesideOrder;
  readonly place: Place;
  readonly runAs: RunAs | undefined;
  readonly onEnd: (result: ProbeResult) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Answers how to kill it. A system without memory, or with a shorter limit for arguments, says so by an exception. */
function spawnBeside(options: Spawn): () => void {
  try {
    const child = spawnChild(options);
    const { pid } = child;
    child.once("error", options.onFailed);
    child.once("exit", () => {
      if (pid !== undefined) killGroup(pid);
    });
    tellEnd(child, options);
    return () => {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(pid);
    };
  } catch (error) {
    options.onFailed(error);
    return () => {};
  }
}

function spawnChild({ order, place, runAs }: Spawn): ChildProcess {
  const { folder } = place;
  const environment = environmentOf({ ...order, environment: [] }, folder);
  const own = plainCommandLine(order.command);
  const command = runAs === undefined ? own : commandAsWithInput(runAs, own);
  const child = spawn(shellPath, ["-c", script, "tepui-check", ...groupArguments(place), ...command], {
    cwd: folder,
    env: Object.fromEntries(runAs === undefined ? environment : plainEnvironment(order.containerId)),
    // A session of its own: a process group that can be killed whole.
    detached: true,
    stdio: [runAs === undefined ? "ignore" : "pipe", "ignore", "ignore", "pipe"],
  });
  // A command that could not be started does not read.
  child.stdin?.on("error", () => {});
  child.stdin?.end(`${exportLines(environment).join("\n")}\n`);
  return child;
}

/** After the socket has said everything. */
function tellEnd(child: ChildProcess, { onEnd, onFailed }: Spawn): void {
  let complaint = "";
  const socket = child.stdio[3];
  if (socket instanceof Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      complaint = (complaint + text).slice(0, complaintMaxLength);
    });
    // It breaks when the command goes first.
    socket.on("error", () => {});
  }
  child.once("close", (code, signal) => {
    if (complaint !== "") onFailed(complaint.trim());
    else if (signal === null) onEnd({ kind: "exited", code: code ?? 0 });
    else onEnd({ kind: "signalled", signal: constants.signals[signal] });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // ESRCH: nothing of it is left. EPERM: what is left changed its user; it goes with the container.
    if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM"))) throw error;
  }
}
