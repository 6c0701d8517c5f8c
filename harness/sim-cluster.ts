/**
 * The simulated cluster behind the Cluster port. Everything happens inside `advance`, in virtual time; promises are
 * only the port's form.
 */

import { assert } from "../common/assert.ts";
import { Response_GetState } from "../protos/gen/mesos/v1/master/master.ts";
import { encodeOperatorResponse } from "../server/wire/operator.ts";
import type {
  Capability,
  Cluster,
  ClusterOptions,
  InnerFaults,
  NodeSignal,
  NodeStatus,
  OperatorConnection,
  SchedulerConnection,
  StrangerConnection,
  TaskCommand,
  TaskIdentity,
  TaskPlan,
} from "./cluster.ts";
import type { AgentSnapshot, LeaderSnapshot, NodeName } from "./history/event.ts";
import { toAgentSnapshots, toLeaderSnapshot } from "./history/leader-snapshot.ts";
import { toResourceJson } from "./history/resource-json.ts";
import { wallStartMs } from "./sim/node.ts";
import { type SimOptions, simDefaults } from "./sim/sim-options.ts";
import { SimWorld } from "./sim/sim-world.ts";
import { toCommandLine } from "./sim/task-program.ts";

/** A healthy cluster is up in seconds; past this it will not be. */
const bootMaxMs = 120_000;
const bootStepMs = 250;
const bootSettleMs = 1_000;

const done = Promise.resolve();

export class SimCluster implements Cluster {
  readonly tier = "sim";
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    "signal",
    "pause",
    "restart",
    "cut-link",
    "cut-master",
    "drop-connections",
    "virtual-time",
    "inner-faults",
  ]);
  readonly world: SimWorld;
  readonly #agentCount: number;
  /** The leader's last answer. While no event has run and nobody touched a node, it would answer the same again. */
  #lastAnswer: { readonly eventCount: number; readonly snapshot: LeaderSnapshot | undefined } | undefined;

  constructor(options: ClusterOptions, sim: Partial<SimOptions> = {}) {
    const { recorder, ...rest } = options;
    this.#agentCount = options.agentCount;
    this.world = new SimWorld({ ...rest, sim: { ...simDefaults, ...sim }, record: (body) => recorder.record(body) });
  }

  get schedulers(): SchedulerConnection {
    return this.world.schedulers;
  }

  get operator(): OperatorConnection {
    return this.world.operator;
  }

  get strangers(): StrangerConnection {
    return this.world.strangers;
  }

  get inner(): InnerFaults {
    return this.world.inner;
  }

  readonly startedWallMs = wallStartMs;
  readonly hasExecutors = true;
  readonly hasLooks = true;

  /** A hash over every input and effect so far. */
  traceHash(): string {
    return this.world.simulator.trace.digest();
  }

  nowMs(): number {
    return this.world.simulator.nowMs;
  }

  boot(): Promise<void> {
    this.world.startAll();
    while (this.#activeAgentCount() < this.#agentCount) {
      assert(
        this.nowMs() < bootMaxMs,
        `the cluster is not up after ${bootMaxMs} ms: ${this.#activeAgentCount()} of ${this.#agentCount} agents`,
      );
      this.#advance(bootStepMs);
    }
    // The agents hear of it, too: one that dies before has an id that nobody will ever use.
    this.#advance(bootSettleMs);
    return done;
  }

  nodes(): readonly NodeStatus[] {
    return this.world.status();
  }

  advance(durationMs: number): Promise<void> {
    this.#advance(durationMs);
    return done;
  }

  signal(node: NodeName, signal: NodeSignal): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.signal(node, signal);
    return done;
  }

  restart(node: NodeName): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.restart(node);
    return done;
  }

  pause(node: NodeName): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.pause(node);
    return done;
  }

  resume(node: NodeName): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.resume(node);
    return done;
  }

  cut(node: NodeName): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.cut(node);
    return done;
  }

  heal(node: NodeName): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.heal(node);
    return done;
  }

  cutEvidence(node: NodeName): string | undefined {
    return this.world.cutEvidence(node);
  }

  dropConnections(): Promise<void> {
    this.#lastAnswer = undefined;
    this.world.dropConnections();
    return done;
  }

  snapshot(): Promise<LeaderSnapshot | undefined> {
    const { eventCount } = this.world.simulator;
    if (this.#lastAnswer?.eventCount !== eventCount) this.#lastAnswer = { eventCount, snapshot: this.#snapshot() };
    return Promise.resolve(this.#lastAnswer.snapshot);
  }

  agents(): Promise<readonly AgentSnapshot[] | undefined> {
    return Promise.resolve(this.#agents());
  }

  recordProcesses(): Promise<void> {
    this.world.recordProcesses(toResourceJson);
    return done;
  }

  taskCommand(plan: TaskPlan, { taskId }: TaskIdentity): TaskCommand {
    const command = { value: toCommandLine(plan), environment: {} };
    return needsFile(taskId) ? { ...command, uris: ["http://files.example/task.tgz"] } : command;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return done;
  }

  #advance(durationMs: number): void {
    this.world.simulator.runUntil(this.nowMs() + durationMs);
  }

  /** Through bytes, as an operator gets it. */
  #snapshot(): LeaderSnapshot | undefined {
    const answer = this.world.askLeader({ kind: "getState" });
    const masterId = this.world.leaderId();
    if (answer?.kind !== "getState" || masterId === undefined) return undefined;
    const state = Response_GetState.decode(encodeOperatorResponse(answer));
    return toLeaderSnapshot(state, { masterId, term: answer.term, registryVersion: answer.registryVersion });
  }

  /** Not through bytes: who looks often sees what is part of each whole answer, too, and that one goes through them. */
  #agents(): readonly AgentSnapshot[] | undefined {
    const answer = this.world.askLeader({ kind: "getAgents" });
    if (answer?.kind !== "getAgents") return undefined;
    const { agents, recoveredAgents } = answer.agents;
    return toAgentSnapshots({ agents: agents.map((agent) => agent()), recoveredAgents: [...recoveredAgents] });
  }

  #activeAgentCount(): number {
    return this.#agents()?.filter((agent) => agent.active).length ?? 0;
  }
}

/** Every so many of the workload's tasks need a file first: that takes time, may fail, and is when a kill meets a launch. */
const fetchingTasks = 8;

/** By the number at the end of the id, so that no random number is spent on it. */
function needsFile(taskId: string): boolean {
  return Number(/\d+$/.exec(taskId)?.[0] ?? 0) % fetchingTasks === fetchingTasks - 1;
}
