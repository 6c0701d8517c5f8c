/**
 * A cluster of real nodes behind the Cluster port: what processes and containers have in common. Nodes are watched
 * through their log, the leader through the operator's service, tasks through their ledger and /proc.
 */

import type { Capability, Cluster, ClusterOptions, NodeSignal, NodeStatus, TaskCommand, TaskIdentity, TaskPlan, Tier } from "../cluster.ts";
import type { AgentSnapshot, LeaderSnapshot, NodeName } from "../history/event.ts";
import { LedgerReader } from "../ledger/ledger-reader.ts";
import { ledgerCommand } from "../ledger/ledger-script.ts";
import { listTaskProcesses } from "../ledger/task-processes.ts";
import { endOnSignal, unlessEnding } from "./end-signals.ts";
import { GrpcOperator } from "./grpc-operator.ts";
import { GrpcSchedulers } from "./grpc-schedulers.ts";
import { GrpcStrangers } from "./grpc-strangers.ts";
import { LeaderReader } from "./leader-reader.ts";
import { agentFlags, masterFlags } from "./node-flags.ts";
import type { NodeHost, NodeSpec } from "./node-host.ts";
import { readProcessorWaits } from "./processor-waits.ts";
import { StallWatch } from "./stall-watch.ts";

/** How long a cluster may take to boot, in milliseconds: containers on a busy machine take seconds. */
const bootTimeoutMs = 60_000;

/** How long a signal may take to end a node before the harness goes on without it, in milliseconds. */
const exitTimeoutMs = 5_000;

/** How often the harness looks whether something that it waits for has happened. */
const waitIntervalMs = 10;

/** What a node of a planted bug prints when it diverges. */
const markerPattern = /TEPUI-MUTANT (M\d+)/;

interface Node {
  readonly spec: NodeSpec;
  state: NodeStatus["state"];
  incarnation: number;
  /** The harness sent a signal that may end this incarnation. */
  exitExpected: boolean;
  /** This incarnation said that it leads, or that it is registered. */
  ready: boolean;
  /** The last error in its log, which says why it ended. */
  lastError: string | undefined;
}

export class RealCluster implements Cluster {
  readonly tier: Tier;
  readonly capabilities: ReadonlySet<Capability>;
  readonly schedulers: GrpcSchedulers;
  readonly operator: GrpcOperator;
  readonly strangers: GrpcStrangers;
  readonly startedWallMs: number;
  readonly #host: NodeHost;
  readonly #options: ClusterOptions;
  readonly #nowMs: () => number;
  readonly #nodes = new Map<NodeName, Node>();
  readonly #agentNodes = new Map<string, NodeName>();
  readonly #leader: LeaderReader;
  readonly #stalls: StallWatch;
  #ledger: LedgerReader | undefined;
  #isAbandoned = false;
  #stopListening: (() => void) | undefined;
  #end: Promise<void> | undefined;

  /** `nowMs` is the clock of the recorder in `options`. */
  constructor(host: NodeHost, options: ClusterOptions, nowMs: () => number) {
    this.#host = host;
    this.#options = options;
    this.#nowMs = nowMs;
    this.startedWallMs = Math.round(Date.now() - nowMs());
    this.tier = host.tier;
    this.capabilities = host.capabilities;
    this.schedulers = new GrpcSchedulers(() => host.schedulerAddress());
    this.operator = new GrpcOperator(() => host.masterAddress());
    this.strangers = new GrpcStrangers(() => host.masterAddress());
    this.#leader = new LeaderReader(() => host.masterAddress());
    this.#stalls = new StallWatch({ recorder: options.recorder, nowMs, readWaits: () => readProcessorWaits(host.pids()) });
    for (let index = 1; index <= options.masterCount; index++) this.#addNode(`master-${index}`, "master");
    for (let index = 1; index <= options.agentCount; index++) this.#addNode(`agent-${index}`, "agent");
  }

  /** From now on a signal that asks this process to end takes the cluster down before it. Without this, its nodes live on. */
  endOnSignal(): this {
    this.#stopListening ??= endOnSignal(() => this[Symbol.asyncDispose]());
    return this;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  async boot(): Promise<void> {
    const nodes = [...this.#nodes.values()];
    await this.#host.prepare(nodes.map((node) => node.spec));
    this.#ledger = new LedgerReader({
      folder: this.#host.ledgerFolder,
      recorder: this.#options.recorder,
      nowMs: this.#nowMs,
      nodeOf: (agentId) => this.#agentNodes.get(agentId),
    });
    const masters = nodes.filter((node) => node.spec.kind === "master");
    await Promise.all(masters.map((node) => this.#start(node)));
    await this.#waitFor("a master to lead", () => masters.some((node) => node.ready) || isWorthWaiting(masters));
    const agents = nodes.filter((node) => node.spec.kind === "agent");
    await Promise.all(agents.map((node) => this.#start(node)));
    await this.#waitFor("every agent to register", () => agents.every((node) => node.ready) || isWorthWaiting(agents));
    this.#stalls.start();
  }

  /** Makes a `boot` that is under way reject soon; then the cluster can be taken down. */
  abandonBoot(): void {
    this.#isAbandoned = true;
  }

  nodes(): readonly NodeStatus[] {
    return [...this.#nodes.values()].map(({ spec, state, incarnation }) => ({ node: spec.node, kind: spec.kind, state, incarnation }));
  }

  async advance(durationMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    await unlessEnding();
  }

  async signal(name: NodeName, signal: NodeSignal): Promise<void> {
    const node = this.#node(name);
    node.exitExpected = true;
    const { incarnation } = node;
    await this.#host.signal(name, signal);
    // Every signal of the port ends the node. Docker tells of it late, and what comes next may build on it.
    const endMs = this.#nowMs() + exitTimeoutMs;
    while (node.state !== "exited" && node.incarnation === incarnation && this.#nowMs() < endMs) await this.advance(waitIntervalMs);
  }

  async restart(name: NodeName): Promise<void> {
    const node = this.#node(name);
    await this.#waitFor(`${name} to exit`, () => node.state === "exited");
    await this.#start(node);
  }

  async pause(name: NodeName): Promise<void> {
    await this.#host.pause(name);
    this.#node(name).state = "paused";
  }

  async resume(name: NodeName): Promise<void> {
    await this.#host.resume(name);
    if (this.#node(name).state === "paused") this.#node(name).state = "running";
  }

  cut(name: NodeName): Promise<void> {
    return this.#host.cut(name);
  }

  heal(name: NodeName): Promise<void> {
    return this.#host.heal(name);
  }

  cutEvidence(name: NodeName): string | undefined {
    return this.#host.cutEvidence(name);
  }

  dropConnections(): Promise<void> {
    return this.#host.dropConnections();
  }

  snapshot(): Promise<LeaderSnapshot | undefined> {
    return this.#leader.read();
  }

  agents(): Promise<readonly AgentSnapshot[] | undefined> {
    return this.#leader.readAgents();
  }

  async recordProcesses(): Promise<void> {
    this.#ledger?.readNow();
    const processes = await listTaskProcesses(this.#host.ledgerFolderInTask);
    const byNode = new Map<NodeName, { frameworkId: string; taskId: string; process: string }[]>();
    for (const { spec } of this.#nodes.values()) if (spec.kind === "agent") byNode.set(spec.node, []);
    for (const { task, process } of processes) {
      const node = this.#agentNodes.get(task.agentId);
      if (node !== undefined) byNode.get(node)?.push({ frameworkId: task.frameworkId, taskId: task.taskId, process });
    }
    for (const [node, live] of byNode) this.#options.recorder.record({ kind: "processes", node, live });
  }

  taskCommand(plan: TaskPlan, task: TaskIdentity): TaskCommand {
    return ledgerCommand(plan, task, this.#host.ledgerFolderInTask);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= this.#takeDown();
    return this.#end;
  }

  async #takeDown(): Promise<void> {
    for (const node of this.#nodes.values()) node.exitExpected = true;
    this.#stalls.stop();
    this.schedulers.closeAll();
    this.operator.close();
    this.strangers.close();
    this.#leader.close();
    await this.#host[Symbol.asyncDispose]();
    this.#ledger?.readNow();
    this.#ledger?.stop();
    // A signal that comes while it goes down ends the process after that, too.
    this.#stopListening?.();
  }

  #addNode(name: NodeName, kind: NodeSpec["kind"]): void {
    const { timings } = this.#options;
    const flags = kind === "master" ? masterFlags(timings) : agentFlags(timings);
    const spec = { node: name, kind, flags };
    this.#nodes.set(name, { spec, state: "exited", incarnation: 0, exitExpected: false, ready: false, lastError: undefined });
  }

  #node(name: NodeName): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new RangeError(`the cluster has no node ${name}; it has ${[...this.#nodes.keys()].join(", ")}`);
    return node;
  }

  async #start(node: Node): Promise<void> {
    await unlessEnding();
    node.incarnation++;
    node.state = "running";
    node.exitExpected = false;
    node.ready = false;
    const incarnation = node.incarnation;
    this.#options.recorder.record({ kind: "nodeStarted", node: node.spec.node, incarnation });
    await this.#host.start(node.spec, {
      logLine: (line) => this.#onLogLine(node, incarnation, line),
      exited: (code, signal) => this.#onExit(node, incarnation, code, signal),
    });
  }

  #onLogLine(node: Node, incarnation: number, line: string): void {
    const marker = markerPattern.exec(line)?.[1];
    if (marker !== undefined) this.#options.recorder.record({ kind: "marker", node: node.spec.node, mutant: marker });
    if (!line.startsWith("{")) return;
    const entry = parseLogLine(line);
    if (entry === undefined) return;
    if (entry.level >= 60) this.#options.recorder.record({ kind: "fatal", node: node.spec.node, message: entry.msg });
    if (entry.level >= 50) node.lastError = entry.msg;
    if (entry.msg === "leading") node.ready = true;
    if ((entry.msg === "registered" || entry.msg === "registered again") && entry.agentId !== undefined) {
      node.ready = true;
      this.#agentNodes.set(entry.agentId, node.spec.node);
      this.#options.recorder.record({ kind: "agentRegistered", node: node.spec.node, agentId: entry.agentId, incarnation });
    }
  }

  #onExit(node: Node, incarnation: number, code: number | undefined, signal: string | undefined): void {
    if (node.incarnation !== incarnation) return;
    node.state = "exited";
    node.ready = false;
    this.#options.recorder.record({
      kind: "nodeExited",
      node: node.spec.node,
      incarnation,
      ...(code === undefined ? {} : { code }),
      ...(signal === undefined ? {} : { signal }),
      expected: node.exitExpected,
    });
  }

  async #waitFor(what: string, done: () => boolean): Promise<void> {
    const endMs = this.#nowMs() + bootTimeoutMs;
    while (!done()) {
      if (this.#isAbandoned) throw new Error(`nobody waits for ${what} any more`);
      if (this.#nowMs() > endMs) throw new Error(`waited ${bootTimeoutMs} ms in vain for ${what}; see the logs of the nodes`);
      await this.advance(waitIntervalMs);
    }
  }
}

/** Always false: for use while waiting. Throws when a node ended, because waiting for it any longer would be in vain. */
function isWorthWaiting(nodes: readonly Node[]): false {
  const ended = nodes.find(({ state }) => state === "exited");
  if (ended !== undefined) throw new Error(`${ended.spec.node} ended before it was ready: ${ended.lastError ?? "see its log"}`);
  return false;
}

interface LogEntry {
  readonly level: number;
  readonly msg: string;
  readonly agentId?: string;
}

function parseLogLine(line: string): LogEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<LogEntry>;
    if (typeof entry.level !== "number" || typeof entry.msg !== "string") return undefined;
    return { level: entry.level, msg: entry.msg, ...(typeof entry.agentId === "string" ? { agentId: entry.agentId } : {}) };
  } catch {
    return undefined;
  }
}
