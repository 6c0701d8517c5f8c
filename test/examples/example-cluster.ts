/** A master and two agents for an example to run on, and the example as its user would start it. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../../harness/grpc/free-port.ts";
import { AgentProcess } from "../processes/agent-process.ts";
import { MasterProcess } from "../processes/master-process.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

export class ExampleCluster implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "tepui-example-"));
  readonly #port: number;
  readonly #agents = new Map<number, AgentProcess>();
  readonly #agentPorts = new Map<number, number>();
  #master: MasterProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<ExampleCluster> {
    const cluster = new ExampleCluster(await freePort());
    await cluster.startMaster();
    await Promise.all([1, 2].map((number) => cluster.startAgent(number)));
    return cluster;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async startMaster(): Promise<void> {
    const workDir = join(this.#folder, "master");
    this.#master = new MasterProcess([
      `--port=${this.#port}`,
      `--work-dir=${workDir}`,
      "--allocation-interval=100ms",
      "--heartbeat-interval=500ms",
    ]);
    await this.#master.leading();
  }

  async startAgent(number: number): Promise<void> {
    const workDir = join(this.#folder, `agent-${number}`);
    const agent = new AgentProcess([
      `--master=${this.address}`,
      `--work-dir=${workDir}`,
      "--resources=cpus:0.4;mem:512",
      "--registration-backoff-max=500ms",
      // An executor that is given up runs its tasks a second time; on a busy machine it may need more than the usual two seconds.
      "--executor-reregistration-timeout=15s",
      // Executors find their agent where it was before.
      `--port=${await this.#agentPort(number)}`,
    ]);
    this.#agents.set(number, agent);
    await agent.registered();
  }

  async #agentPort(number: number): Promise<number> {
    const port = this.#agentPorts.get(number) ?? (await freePort());
    this.#agentPorts.set(number, port);
    return port;
  }

  async killMaster(): Promise<void> {
    await this.#master?.end("SIGKILL");
  }

  async killAgent(number: number): Promise<void> {
    await this.#agents.get(number)?.end("SIGKILL");
  }

  /** A command that says in a file that it ran, and then does what is given. */
  loggedCommand(then: string): string {
    return `echo ran >>${join(this.#folder, "ran.log")}; ${then}`;
  }

  /** How often `loggedCommand` ran. */
  get runCount(): number {
    return readFileSync(join(this.#folder, "ran.log"), "utf8").trim().split("\n").length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents.values()) if (agent.isRunning) await agent.end("SIGUSR1");
    await this.#master?.end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** An example that runs, seen through what it prints. */
export class ExampleRun {
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor([program = "", ...args]: readonly string[]) {
    this.#child = spawn(program, args, { cwd: projectFolder, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      assert.ok(stream);
      createInterface(stream).on("line", (line) => {
        this.lines.push(line);
        this.#wake();
      });
    }
    this.exited = once(this.#child, "close").then(([code]) => {
      this.#isOver = true;
      this.#wake();
      return code;
    });
  }

  get text(): string {
    return this.lines.join("\n");
  }

  /** Resolves when so many lines fit the pattern. */
  async printed(pattern: RegExp, count = 1): Promise<void> {
    while (this.lines.filter((line) => pattern.test(line)).length < count) {
      assert.ok(!this.#isOver, `the example ended before it printed ${pattern} ${count} times:\n${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Numbers of the tasks that finished, once for each time that it was told. */
  finishedTasks(): number[] {
    const finished = this.lines.flatMap((line) => /^task-(\d+)-\d+: TASK_FINISHED/.exec(line)?.[1] ?? []);
    return finished.map(Number).sort((left, right) => left - right);
  }

  /** For a test that failed half-way. */
  end(): void {
    this.#child.kill("SIGKILL");
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
