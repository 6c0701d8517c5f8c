/** Runs the nodes of a cluster as processes on loopback, each agent behind a proxy of its own so that its link can be cut. */

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Capability, NodeSignal } from "../cluster.ts";
import { freePort } from "../grpc/free-port.ts";
import type { NodeEvents, NodeHost, NodeSpec } from "../grpc/node-host.ts";
import type { NodeName } from "../history/event.ts";
import { killTaskProcesses } from "../ledger/task-processes.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Halves the time that a node takes to load. */
const compileCacheFolder = join(projectFolder, ".tepui/compile-cache");

/** How long a node may take to end when the cluster is taken down, in milliseconds, before it is killed. */
const stopTimeoutMs = 2_000;

/** A signal that stops or continues a process does so at once; this only bounds the wait. */
const stateTimeoutMs = 5_000;

/** Name of the proxy through which the workload's frameworks reach the master. */
const schedulerProxy = "schedulers";

/** How node processes are started, beside their flags. */
export interface NodeEnvironment {
  /** Given to Node before the program: how a planted bug gets in. */
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ProcessHostOptions extends NodeEnvironment {
  /** Logs, work directories and ledgers go here. */
  readonly folder: string;
  /** Undefined: a free one. */
  readonly masterPort?: number;
}

export class ProcessHost implements NodeHost {
  readonly tier = "processes";
  readonly capabilities: ReadonlySet<Capability> = new Set(["signal", "pause", "restart", "cut-link", "drop-connections"]);
  readonly ledgerFolder: string;
  readonly ledgerFolderInTask: string;
  readonly #options: ProcessHostOptions;
  readonly #children = new Map<NodeName, ChildProcess>();
  readonly #ports = new Map<NodeName, number>();
  readonly #proxies = new Map<NodeName, TcpProxy>();

  constructor(options: ProcessHostOptions) {
    this.#options = options;
    this.ledgerFolder = join(options.folder, "ledger");
    this.ledgerFolderInTask = this.ledgerFolder;
  }

  async prepare(specs: readonly NodeSpec[]): Promise<void> {
    mkdirSync(this.ledgerFolder, { recursive: true });
    for (const { node } of specs) this.#ports.set(node, await freePort());
    if (this.#options.masterPort !== undefined) this.#ports.set("master-1", this.#options.masterPort);
    for (const { node, kind } of specs) {
      if (kind === "agent") await this.#startProxy(node);
    }
    await this.#startProxy(schedulerProxy);
  }

  async start(spec: NodeSpec, events: NodeEvents): Promise<void> {
    const program = join(projectFolder, spec.kind === "master" ? "server/main.ts" : "agent/main.ts");
    const args = [...(this.#options.nodeOptions ?? []), program, ...this.#placeFlags(spec), ...spec.flags];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "pipe"],
      // Out of the terminal's reach: Ctrl-C is for the harness, which ends its nodes in an order that leaves no task behind.
      detached: true,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder, ...this.#options.environment },
    });
    this.#children.set(spec.node, child);
    const log = createWriteStream(join(this.#options.folder, `${spec.node}.log`), { flags: "a" });
    const lines = createInterface({ input: child.stderr });
    lines.on("line", (line) => {
      log.write(`${line}\n`);
      events.logLine(line);
    });
    // "close" comes after the last line of the log, "exit" may come before it.
    child.on("close", (code, signal) => {
      log.end();
      if (this.#children.get(spec.node) === child) this.#children.delete(spec.node);
      events.exited(code ?? undefined, signal ?? undefined);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
  }

  async signal(node: NodeName, signal: NodeSignal): Promise<void> {
    this.#kill(node, signal);
  }

  async pause(node: NodeName): Promise<void> {
    this.#kill(node, "SIGSTOP");
    await this.#waitForState(node, (state) => state === "T");
  }

  async resume(node: NodeName): Promise<void> {
    this.#kill(node, "SIGCONT");
    await this.#waitForState(node, (state) => state !== "T");
  }

  async cut(node: NodeName): Promise<void> {
    this.#proxy(node).hold();
  }

  async heal(node: NodeName): Promise<void> {
    this.#proxy(node).release();
  }

  cutEvidence(node: NodeName): string | undefined {
    const bytes = this.#proxy(node).heldBytes;
    return bytes === undefined || bytes === 0 ? undefined : `${bytes} bytes did not pass`;
  }

  async dropConnections(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.drop();
  }

  masterAddress(): string {
    return `127.0.0.1:${this.#masterPort()}`;
  }

  schedulerAddress(): string {
    return `127.0.0.1:${this.#proxy(schedulerProxy).port}`;
  }

  /** Where a node itself listens, past any proxy. */
  nodeAddress(node: NodeName): string {
    return `127.0.0.1:${this.#port(node)}`;
  }

  pids(): readonly { readonly node: NodeName; readonly pid: number }[] {
    return [...this.#children].flatMap(([node, { pid }]) => (pid === undefined ? [] : [{ node, pid }]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Agents first, and by SIGUSR1: whatever tasks they have end with them.
    await this.#end((node) => node !== "master-1", "SIGUSR1");
    await this.#end(() => true, "SIGTERM");
    await killTaskProcesses(this.ledgerFolderInTask);
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
  }

  async #end(isMeant: (node: NodeName) => boolean, signal: NodeJS.Signals): Promise<void> {
    const children = [...this.#children].flatMap(([node, child]) => (isMeant(node) ? [child] : []));
    for (const child of children) {
      child.kill("SIGCONT");
      child.kill(signal);
    }
    await Promise.all(children.map(ended));
  }

  async #startProxy(name: string): Promise<void> {
    this.#proxies.set(name, await TcpProxy.start({ host: "127.0.0.1", port: this.#masterPort() }));
  }

  async #waitForState(node: NodeName, reached: (state: string) => boolean): Promise<void> {
    const pid = this.#children.get(node)?.pid;
    const endMs = performance.now() + stateTimeoutMs;
    while (pid !== undefined) {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      if (reached(stat.charAt(stat.lastIndexOf(")") + 2))) return;
      if (performance.now() > endMs) throw new Error(`${node} (pid ${pid}) was not seen in the state that a signal should bring it to`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #placeFlags({ node, kind }: NodeSpec): readonly string[] {
    const workDir = join(this.#options.folder, node);
    const common = ["--ip", "127.0.0.1", "--port", String(this.#port(node)), "--hostname", node, "--work-dir", workDir];
    const all = [...common, "--http-port", "0"];
    if (kind === "master") return all;
    return [...all, "--master", `127.0.0.1:${this.#proxy(node).port}`];
  }

  /** One master for now: past one, the registry needs a store that masters share. */
  #masterPort(): number {
    return this.#port("master-1");
  }

  #port(node: NodeName): number {
    const port = this.#ports.get(node);
    if (port === undefined) throw new RangeError(`node ${node} has no port; was the cluster prepared?`);
    return port;
  }

  #proxy(node: NodeName): TcpProxy {
    const proxy = this.#proxies.get(node);
    if (proxy === undefined) throw new RangeError(`node ${node} has no link that can be cut; only agents have one`);
    return proxy;
  }

  #kill(node: NodeName, signal: NodeJS.Signals): void {
    if (this.#children.get(node)?.kill(signal) !== true) throw new Error(`${node} does not run, so ${signal} cannot be sent to it`);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
}
