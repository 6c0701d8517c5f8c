/** A node of a cluster, or a floor, as a process of its own, seen through its log. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { assertDefined } from "../common/assert.ts";
import { bundleInto } from "../harness/containers/bundle.ts";
import type { RunContext } from "./measurement.ts";
import { type CpuProfile, readProfile } from "./profile-shares.ts";

const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** A node is up in a second; a busy machine takes its time. */
const startTimeoutMs = 30_000;

/** How long a node may take to end before it is killed. */
const stopTimeoutMs = 5_000;

type LogLine = Readonly<Record<string, unknown>>;

export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  /** When it ended, by performance.now(). */
  readonly exited: Promise<{ readonly code: number | null; readonly atMs: number }>;

  /** `program` is its path, absolute or from the root of the repository. */
  constructor(program: string, flags: readonly string[], { profileFolder }: Pick<RunContext, "profileFolder">) {
    const profiling = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
    const options = ["--disable-warning=ExperimentalWarning", ...profiling];
    this.#child = spawn(process.execPath, [...options, resolve(projectFolder, program), ...flags], { stdio: ["ignore", "ignore", "pipe"] });
    createInterface(assertDefined(this.#child.stderr ?? undefined, "stderr")).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.exited = once(this.#child, "exit").then(([code]) => {
      const atMs = performance.now();
      this.#wake();
      return { code, atMs };
    });
  }

  get pid(): number {
    return assertDefined(this.#child.pid, "pid");
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the first line of this message; rejects when the process ends before. */
  async logged(message: string): Promise<LogLine> {
    const deadlineMs = performance.now() + startTimeoutMs;
    for (;;) {
      const line = this.#lines.find((each) => each.includes(`"msg":"${message}"`));
      if (line !== undefined) return JSON.parse(line) as LogLine;
      if (!this.isRunning || performance.now() > deadlineMs) {
        this.#child.kill("SIGKILL");
        throw new Error(`${this.#child.spawnargs.join(" ")} did not log "${message}":\n${this.#lines.join("\n")}`);
      }
      await this.#nextLine(deadlineMs - performance.now());
    }
  }

  /** All lines of this message so far. */
  linesOf(message: string): readonly LogLine[] {
    return this.#lines.filter((line) => line.includes(`"msg":"${message}"`)).map((line) => JSON.parse(line) as LogLine);
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopTimeoutMs);
    this.#child.kill("SIGTERM");
    await this.exited;
    clearTimeout(timer);
  }

  #nextLine(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

const bundleFolder = "bundle";

function bundlePath({ folder }: RunContext, program: "master" | "agent"): string {
  return join(folder, bundleFolder, "lib/bundle", `${program}.mjs`);
}

export interface MasterNode {
  readonly process: NodeProcess;
  readonly port: number;
}

/** A master on its usual registry, SQLite, on a free port of loopback. Resolves when it leads. Comes before any agent. */
export async function startMaster(context: RunContext, flags: readonly string[] = []): Promise<MasterNode> {
  // As they are shipped: a program that Node has to strip of its types first is larger, and each of its forks is slower.
  await bundleInto(join(context.folder, bundleFolder));
  const workDir = join(context.folder, "master");
  const node = new NodeProcess(bundlePath(context, "master"), ["--port=0", "--http-port=0", `--work-dir=${workDir}`, ...flags], context);
  const { grpcPort } = await node.logged("leading");
  return { process: node, port: Number(grpcPort) };
}

/**
 * The same from the sources, so that a CPU profile names their files; `profileOf` answers it once the process has ended. It does not
 * run faster or slower for it, but its memory is larger.
 */
export async function startProfiledMaster(
  context: RunContext,
  flags: readonly string[],
): Promise<MasterNode & { profileOf(): CpuProfile }> {
  const profileFolder = join(context.folder, "profile");
  const workDir = join(context.folder, "profiled-master");
  const node = new NodeProcess("server/main.ts", ["--port=0", "--http-port=0", `--work-dir=${workDir}`, ...flags], { profileFolder });
  const { pid } = node;
  const { grpcPort } = await node.logged("leading");
  return { process: node, port: Number(grpcPort), profileOf: () => readProfile(profileFolder, pid) };
}

/** An agent on a work directory of its own. Resolves when it listens; its registration follows. */
export async function startAgent(
  context: RunContext,
  { master, workDir, flags }: { readonly master: MasterNode; readonly workDir: string; readonly flags: readonly string[] },
): Promise<NodeProcess> {
  const own = [
    "--port=0",
    "--http-port=0",
    `--master=127.0.0.1:${master.port}`,
    `--work-dir=${workDir}`,
    "--registration-backoff=10ms",
    "--switch-user=false",
  ];
  const node = new NodeProcess(bundlePath(context, "agent"), [...own, ...flags], context);
  await node.logged("listening");
  return node;
}
