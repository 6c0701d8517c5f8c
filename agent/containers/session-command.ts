/**
 * The command of a session within a container that runs: beneath its control group, as its user, with its environment, and its input and
 * output in the agent's hands. Whatever ends the container ends the command, too, since it is found wherever the container's processes are
 * looked for. It never outlives the agent's process: a watcher kills it, with its control group, when the socket from the agent breaks.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Socket } from "node:net";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import type { ContainerExit } from "../core/input.ts";
import { createCgroup, killCgroup, removeCgroup } from "./cgroup.ts";
import { noCgroup } from "./container-record.ts";
import { enterGroupsScript, groupArguments } from "./enter-groups.ts";
import { hasCode } from "./sandbox-layout.ts";
import type { WithinSpec } from "./spawn-nested.ts";
import { exportLines } from "./supervisor-request.ts";
import { shellPath } from "./supervisor-script.ts";
import { environmentOf, plainEnvironment } from "./task-environment.ts";

/**
 * $1 the control group of its own, or "-"; those to enter, as `groupArguments` has them; the command. fd 3 a socket to the agent. As in
 * beside-commands.ts.
 */
const script = `tepui_cgroup=$1
shift
${enterGroupsScript}( {
  read -r _ <&3
  [ "$tepui_cgroup" = - ] || echo 1 >"$tepui_cgroup/cgroup.kill"
  kill -KILL 0
} >/dev/null 2>&1 & )
exec 3<&-
exec "$@"
`;

/** Variables come first on the standard input, up to a line that is $1; what follows is the command's. */
const readThenRun = `tepui_text=
while IFS= read -r tepui_line && [ "$tepui_line" != "$1" ]; do tepui_text="$tepui_text$tepui_line
"; done
shift
eval "$tepui_text"
unset tepui_text tepui_line
exec "$@"`;

/** How often to look whether what was killed is gone, and for how long. */
const removePollMs = 10;
const removeAttemptsMax = 500;

/** What can be said before the command starts is one line. */
const complaintMaxLength = 256;

export interface SessionSpec extends WithinSpec {
  readonly commandLine: readonly string[];
}

export class SessionCommand {
  /** How it ended, once nothing of it is left but what cannot be found. */
  readonly ended: Promise<ContainerExit>;
  /** A line that it said of itself before it began; empty when it began. */
  complaint = "";
  readonly #child: ChildProcess;
  readonly #pid: number;
  readonly #cgroup: string | undefined;
  #isOver = false;

  /** Rejects with what the system says. */
  static async start(spec: SessionSpec): Promise<SessionCommand> {
    const { cgroup: outer } = spec.place;
    const cgroup = outer === undefined ? undefined : createCgroup(outer, `nested-${spec.name}`);
    try {
      const child = spawnChild(spec, cgroup);
      await once(child, "spawn");
      return new SessionCommand(child, cgroup);
    } catch (error) {
      if (cgroup !== undefined) removeCgroup(cgroup);
      throw error;
    }
  }

  private constructor(child: ChildProcess, cgroup: string | undefined) {
    this.#child = child;
    this.#pid = child.pid ?? 0;
    this.#cgroup = cgroup;
    const socket = child.stdio[3];
    if (socket instanceof Socket) {
      socket.setEncoding("utf8");
      socket.on("data", (text: string) => {
        this.complaint = (this.complaint + text).slice(0, complaintMaxLength);
      });
      // It breaks when the command goes first.
      socket.on("error", () => {});
    }
    this.ended = once(child, "exit").then(async ([code, signal]: (number | NodeJS.Signals | null)[]) => {
      this.#isOver = true;
      await this.#cleanUp();
      if (typeof signal === "string") return { kind: "signalled", signal: constants.signals[signal] };
      return { kind: "exited", code: Number(code ?? 0) };
    });
  }

  get input(): NodeJS.WritableStream | undefined {
    return this.#child.stdin ?? undefined;
  }

  /** By name. */
  get outputs(): readonly (readonly [name: "stdout" | "stderr", stream: NodeJS.ReadableStream])[] {
    const { stdout, stderr } = this.#child;
    return stdout === null || stderr === null
      ? []
      : [
          ["stdout", stdout],
          ["stderr", stderr],
        ];
  }

  /** To the command; SIGKILL to everything beneath it. */
  signal(number: number): void {
    if (this.#isOver) return;
    if (number === constants.signals.SIGKILL) this.kill();
    else sendSignal(this.#pid, number);
  }

  kill(): void {
    if (this.#cgroup !== undefined) killCgroup(this.#cgroup);
    if (!this.#isOver) sendSignal(-this.#pid, constants.signals.SIGKILL);
  }

  /** The watcher, and what it left in its process group and its control group. */
  async #cleanUp(): Promise<void> {
    // The group's leader has just ended; its number is not given away as long as the watcher is in the group.
    sendSignal(-this.#pid, constants.signals.SIGKILL);
    if (this.#cgroup === undefined) return;
    for (let attempt = 0; attempt < removeAttemptsMax; attempt++) {
      killCgroup(this.#cgroup);
      if (removeCgroup(this.#cgroup)) return;
      await sleep(removePollMs);
    }
  }
}

function spawnChild(
  { parentId, place, runAs, command, environment: added, commandLine }: SessionSpec,
  cgroup: string | undefined,
): ChildProcess {
  const environment = environmentOf({ command, environment: added, containerId: parentId }, place.folder);
  const groups = groupArguments({ cgroup, groups: place.groups });
  const mark = `tepui-${randomBytes(16).toString("hex")}`;
  const line = runAs === undefined ? commandLine : [...runAs.prefix, shellPath, "-c", readThenRun, "sh", mark, ...commandLine];
  const child = spawn(shellPath, ["-c", script, "tepui-session", cgroup ?? noCgroup, ...groups, ...line], {
    cwd: place.folder,
    env: Object.fromEntries(runAs === undefined ? environment : plainEnvironment(parentId)),
    // A session of its own: a process group that can be killed whole.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  // A command that has ended does not read.
  child.stdin?.on("error", () => {});
  if (runAs !== undefined) child.stdin?.write(`${[...exportLines(environment), mark].join("\n")}\n`);
  return child;
}

function sendSignal(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: nothing of it is left. EPERM: what is left changed its user; it goes with the container.
    if (!hasCode(error, "ESRCH", "EPERM")) throw error;
  }
}
