/**
 * A whole simulated cluster: nodes, network, registry, election and schedulers' way in, on one virtual clock.
 * Everything here is synchronous.
 */

import { type AgentConfig, agentDefaults } from "../../agent/core/config.ts";
import { agentCapabilities } from "../../agent/wire/capabilities.ts";
import type { AgentSelf } from "../../agent/wire/encode.ts";
import { assert, assertDefined } from "../../common/assert.ts";
import { MasterId } from "../../common/ids.ts";
import { readResources } from "../../common/mesos-resources.ts";
import { createPrng } from "../../common/prng.ts";
import type { Resources } from "../../common/resources.ts";
import type { Result } from "../../common/result.ts";
import { type Resource, Value_Type } from "../../protos/gen/mesos/v1/mesos.ts";
import type { MasterConfig } from "../../server/core/config.ts";
import type { MasterAddress } from "../../server/core/event.ts";
import type { OperatorCall, OperatorResponse } from "../../server/core/operator/operator-call.ts";
import type { ClusterOptions, InnerFaults, NodeSignal, NodeStatus } from "../cluster.ts";
import type { HistoryBody, ResourceJson } from "../history/event.ts";
import { AgentNode, masterPortBase } from "./agent-node.ts";
import { SimElection } from "./election.ts";
import { createInnerFaults } from "./inner-faults.ts";
import { MasterNode } from "./master-node.ts";
import { Network } from "./network.ts";
import { OperatorClient } from "./operator-client.ts";
import { SchedulerClient } from "./scheduler-client.ts";
import type { SimOptions } from "./sim-options.ts";
import { Simulator } from "./simulator.ts";
import { SimStore } from "./store.ts";
import { StrangerClient } from "./stranger-client.ts";

export type WorldOptions = Omit<ClusterOptions, "recorder"> & { readonly sim: SimOptions; readonly record: (body: HistoryBody) => void };

/** What each simulated agent offers. */
const agentResources: readonly Resource[] = [
  scalar("cpus", 4),
  scalar("mem", 4_096),
  scalar("disk", 10_000),
  { ...scalar("disk", 2_000), disk: { source: { type: 1, path: { root: "/data" } } } },
  { ...scalar("disk", 500), disk: { source: { type: 2, mount: { root: "/mnt/1" } } } },
  ranges("ports", 31_000n, 32_000n),
];

/** The same, as an agent reads its flags. */
const flaggedResources: Resources = readFlagged(readResources(agentResources, "resources"));

export class SimWorld {
  readonly simulator: Simulator;
  readonly registry: SimStore;
  readonly schedulers: SchedulerClient;
  readonly operator: OperatorClient;
  readonly strangers: StrangerClient;
  readonly inner: InnerFaults;
  readonly #options: WorldOptions;
  readonly #network: Network;
  readonly #election: SimElection;
  readonly #masters = new Map<string, MasterNode>();
  readonly #agents = new Map<string, AgentNode>();

  constructor(options: WorldOptions) {
    assert(options.masterCount >= 1, `a cluster needs a master, has ${options.masterCount}`);
    this.#options = options;
    this.simulator = new Simulator(options.seed);
    this.#network = new Network(this.simulator, options.sim);
    this.registry = new SimStore(this.simulator, options.sim);
    const masters = Array.from({ length: options.masterCount }, (_, index) => `master-${index + 1}`);
    this.#election = new SimElection(masters, this.simulator, options.sim);
    const shared = {
      simulator: this.simulator,
      options: options.sim,
      record: options.record,
      network: this.#network,
      election: this.#election,
    };
    for (const name of masters) {
      const context = {
        ...shared,
        registry: this.registry,
        config: (node: string, incarnation: number) => this.#masterConfig(node, incarnation),
        addressOf: (node: string) => this.#addressOf(node),
        restartLater: (node: string) => this.#restartLater(node),
      };
      this.#masters.set(name, new MasterNode(name, context));
    }
    for (let index = 1; index <= options.agentCount; index++) {
      const name = `agent-${index}`;
      const context = {
        ...shared,
        masters: this.#masters,
        config: (node: string, incarnation: number) => this.#agentConfig(node, incarnation),
        self: (node: string) => agentSelf(node),
      };
      this.#agents.set(name, new AgentNode(name, context));
    }
    this.schedulers = new SchedulerClient({ ...shared, masters: this.#masters });
    this.operator = new OperatorClient({ ...shared, masters: this.#masters });
    this.strangers = new StrangerClient({ ...shared, masters: this.#masters });
    const checkpoints = [...this.#agents].map(([name, { checkpoint }]) => [name, checkpoint] as const);
    this.inner = createInnerFaults({ stores: new Map([["registry", this.registry], ...checkpoints]), node: (name) => this.#node(name) });
  }

  startAll(): void {
    for (const node of this.#nodes()) node.start();
  }

  status(): readonly NodeStatus[] {
    return this.#nodes().map((node) => ({
      node: node.name,
      kind: node instanceof MasterNode ? "master" : "agent",
      state: node.state,
      incarnation: node.incarnation,
    }));
  }

  signal(name: string, signal: NodeSignal): void {
    const node = this.#node(name);
    switch (signal) {
      case "SIGUSR1":
        assert(node instanceof AgentNode, `SIGUSR1 is for agents, ${name} is none`);
        node.drainNow();
        return;
      case "SIGTERM":
        node.terminate();
        return;
      case "SIGKILL":
        node.exit({ signal, expected: true, isClean: false });
        return;
      default:
        signal satisfies never;
    }
  }

  restart(name: string): void {
    this.#node(name).start();
  }

  pause(name: string): void {
    const node = this.#node(name);
    node.pause();
    if (node instanceof MasterNode) node.fellSilent();
  }

  resume(name: string): void {
    this.#node(name).resume();
    this.#election.recovered();
  }

  cut(name: string): void {
    this.#network.cut(name);
    this.#masters.get(name)?.fellSilent();
  }

  heal(name: string): void {
    this.#network.heal(name);
    this.#election.recovered();
  }

  cutEvidence(name: string): string | undefined {
    return this.#network.cutEvidence(name);
  }

  dropConnections(): number {
    return this.#network.breakAll();
  }

  /** Asks the leader; undefined when there is none or it refuses. */
  askLeader(call: OperatorCall): OperatorResponse | undefined {
    const leader = this.leaderNode();
    return leader === undefined ? undefined : this.#masters.get(leader)?.askOperator(call);
  }

  /** The node to which schedulers and agents turn now. */
  leaderNode(): string | undefined {
    return this.#election.detectedLeader;
  }

  /** The leader's own id, when somebody leads. */
  leaderId(): string | undefined {
    const leader = this.leaderNode();
    return leader === undefined ? undefined : this.#addressOf(leader)?.masterId;
  }

  recordProcesses(toJson: (resource: Resource) => ResourceJson): void {
    for (const agent of this.#agents.values()) {
      const holdings = agent.holdings();
      const own = holdings === undefined ? {} : { total: holdings.total.map(toJson), tasks: holdings.tasks };
      this.#options.record({ kind: "processes", node: agent.name, live: agent.containers.live(), ...own });
    }
  }

  #nodes(): (MasterNode | AgentNode)[] {
    return [...this.#masters.values(), ...this.#agents.values()];
  }

  #node(name: string): MasterNode | AgentNode {
    return assertDefined(this.#masters.get(name) ?? this.#agents.get(name), `node ${name}`);
  }

  /** A master that ended by its own wish is started again, as its supervisor would. */
  #restartLater(name: string): void {
    const incarnation = this.#node(name).incarnation;
    this.simulator.after(this.simulator.between(1, this.#options.sim.startDelayMaxMs), () => {
      const node = this.#node(name);
      if (node.incarnation === incarnation) node.start();
    });
  }

  #masterConfig(node: string, incarnation: number): MasterConfig {
    const { seed, timings } = this.#options;
    return {
      masterId: this.#masterId(node, incarnation),
      address: assertDefined(this.#addressOf(node), `address of ${node}`),
      seed: createPrng(`master/${seed}/${node}/${incarnation}`).nextUint32(),
      allocationIntervalMs: timings.allocationIntervalMs,
      agentPingTimeoutMs: timings.pingTimeoutMs,
      agentPingTimeoutsMax: timings.pingTimeoutsMax,
      agentReregisterTimeoutMs: timings.reregisterTimeoutMs,
      heartbeatIntervalMs: timings.heartbeatIntervalMs,
      offerTimeoutMs: undefined,
      roles: undefined,
      rootSubmissions: true,
      filterGpuResources: true,
      maintenance: timings.maintenance?.mode ?? "enforce",
      revocationGraceMs: timings.maintenance?.revocationGraceMs ?? 60_000,
    };
  }

  #agentConfig(node: string, incarnation: number): AgentConfig {
    const { seed, timings } = this.#options;
    return {
      ...agentDefaults,
      executorEndpoint: node,
      seed: `${seed}/${node}/${incarnation}`,
      newCredential: createPrng(`credential/${seed}/${node}/${incarnation}`).uuid(),
      resources: flaggedResources,
      given: { hostname: node, port: undefined, domain: undefined, attributes: [], resources: flaggedResources },
      bootId: node,
      registrationBackoffMs: Math.min(1_000, timings.registrationBackoffMaxMs),
      registrationBackoffMaxMs: timings.registrationBackoffMaxMs,
      pingTimeoutMs: timings.pingTimeoutMs * timings.pingTimeoutsMax,
      updateRetryMinMs: timings.updateRetryMinMs,
      updateRetryMaxMs: timings.updateRetryMaxMs,
      drainNowTimeoutMs: 100,
    };
  }

  #masterId(node: string, incarnation: number): MasterId {
    return MasterId(createPrng(`id/${this.#options.seed}/${node}/${incarnation}`).uuid());
  }

  #addressOf(name: string): MasterAddress | undefined {
    const node = this.#masters.get(name);
    if (node === undefined) return undefined;
    const number = Number(name.slice("master-".length));
    return {
      masterId: this.#masterId(name, node.incarnation),
      hostname: name,
      grpcPort: masterPortBase + number,
      httpPort: 5_050 + number,
    };
  }
}

function agentSelf(node: string): AgentSelf {
  const info = { hostname: node, port: 6_051, resources: [...agentResources], attributes: [] };
  return { info, version: "simulated", capabilities: agentCapabilities({ limitsTasks: true }) };
}

function readFlagged(read: Result<Resources>): Resources {
  assert(read.ok, `the resources of simulated agents are not valid: ${read.ok ? "" : read.refusal.message}`);
  return read.value;
}

function scalar(name: string, value: number): Resource {
  return { name, type: Value_Type.SCALAR, scalar: { value }, reservations: [] };
}

function ranges(name: string, begin: bigint, end: bigint): Resource {
  return { name, type: Value_Type.RANGES, ranges: { range: [{ begin, end }] }, reservations: [] };
}
