/**
 * A real master for many cases, one after the other. A case has agents and frameworks of its own; `endCase` ends them and empties
 * the schedule, so that nothing of one case is seen by the next.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorClient } from "../../client/operator-client.ts";
import { SchedulerDriver } from "../../client/scheduler-driver.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import type { Window } from "../../protos/gen/mesos/v1/maintenance/maintenance.ts";
import {
  FrameworkInfo_Capability_Type,
  type InverseOffer,
  type Offer,
  TaskInfo,
  TaskState,
  TaskStatus_Reason,
  Value_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { until } from "./until.ts";

/** Ignores SIGTERM, so that only the end of its grace ends it. */
export const stubborn = "trap '' TERM; while :; do sleep 0.1; done";

const anHourNs = 3_600_000_000_000n;

/** Begins in an hour, so that nothing is taken during a case, and lasts an hour. */
export function laterWindow(...hostnames: readonly string[]): Window {
  const start = { nanoseconds: BigInt(Date.now()) * 1_000_000n + anHourNs };
  return { machineIds: hostnames.map((hostname) => ({ hostname })), unavailability: { start, duration: { nanoseconds: anHourNs } } };
}

export const machinesOf = (...hostnames: readonly string[]) => hostnames.map((hostname) => ({ hostname }));

export const pass = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

export class CaseCluster {
  readonly #folder: string;
  readonly #master: MasterProcess;
  readonly #address: string;
  readonly operator: OperatorClient;
  #agents: AgentProcess[] = [];
  #frameworks: CaseFramework[] = [];

  static async start(flags: readonly string[] = []): Promise<CaseCluster> {
    const folder = mkdtempSync(join(tmpdir(), "tepui-cases-"));
    const port = await freePort();
    const master = new MasterProcess([
      `--port=${port}`,
      `--work-dir=${join(folder, "master")}`,
      "--allocation-interval=50ms",
      "--heartbeat-interval=500ms",
      ...flags,
    ]);
    await master.leading();
    return new CaseCluster(folder, master, `127.0.0.1:${port}`);
  }

  private constructor(folder: string, master: MasterProcess, address: string) {
    this.#folder = folder;
    this.#master = master;
    this.#address = address;
    this.operator = new OperatorClient({ masters: [address] });
  }

  /** An agent whose work directory goes by its hostname: started again it is the same one. */
  launchAgent(hostname: string): AgentProcess {
    const flags = ["--master", this.#address, "--work-dir", join(this.#folder, hostname), "--resources=cpus:4;mem:1024"];
    const agent = new AgentProcess([...flags, `--hostname=${hostname}`, "--update-retry-min=200ms", "--registration-backoff-max=200ms"]);
    this.#agents.push(agent);
    return agent;
  }

  async startAgent(hostname: string): Promise<{ readonly agent: AgentProcess; readonly agentId: string }> {
    const agent = this.launchAgent(hostname);
    return { agent, agentId: await agent.registered() };
  }

  async subscribe(options: { readonly partitionAware?: boolean } = {}): Promise<CaseFramework> {
    const framework = new CaseFramework(this.#address, options);
    this.#frameworks.push(framework);
    await framework.subscribed;
    return framework;
  }

  /** What the master says of this agent; undefined when it does not have it. */
  async agent(agentId: string) {
    const { agents } = await this.operator.getAgents();
    return agents.find(({ agentInfo }) => agentInfo?.id?.value === agentId);
  }

  /** Whether the agent is drained, and stays out of offers. */
  async isDrained(agentId: string): Promise<boolean> {
    const agent = await this.agent(agentId);
    return agent?.deactivated === true && agent.drainInfo?.state === 2;
  }

  async endCase(): Promise<void> {
    for (const framework of this.#frameworks) await framework.end();
    await Promise.all(this.#agents.map((agent) => (agent.isRunning ? agent.end("SIGUSR1") : agent.exited)));
    [this.#frameworks, this.#agents] = [[], []];
    const { downMachines } = await this.operator.getMaintenanceStatus();
    if (downMachines.length > 0) await this.operator.stopMaintenance(downMachines);
    await this.operator.updateMaintenanceSchedule([]);
  }

  async end(): Promise<void> {
    this.operator[Symbol.dispose]();
    await this.#master.end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A framework that keeps what it is offered and asked, and answers only when the case says so. */
export class CaseFramework {
  readonly driver: SchedulerDriver;
  readonly subscribed: Promise<void>;
  readonly #run: Promise<void>;
  /** Offers that stand. */
  readonly offers = new Map<string, Offer>();
  readonly rescinded: string[] = [];
  /** All that came, in order. */
  readonly questions: InverseOffer[] = [];
  /** "TASK_KILLED REASON_AGENT_DRAINING", "FAILURE", in order. */
  readonly heard: string[] = [];

  constructor(address: string, { partitionAware = false }: { readonly partitionAware?: boolean }) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.subscribed = promise;
    const capabilities = partitionAware ? [{ type: FrameworkInfo_Capability_Type.PARTITION_AWARE }] : [];
    this.driver = new SchedulerDriver({
      masters: [address],
      framework: { user: "root", name: "case", failoverTimeout: 60, checkpoint: true, capabilities },
      reconnectMinMs: 20,
      reconnectMaxMs: 100,
      onEvent: (event) => {
        if (event.kind === "subscribed") resolve();
        if (event.kind === "offers") for (const offer of event.offers) this.offers.set(offer.id?.value ?? "", offer);
        if (event.kind === "rescind" && this.offers.delete(event.offerId)) this.rescinded.push(event.offerId);
        if (event.kind === "inverseOffers") this.questions.push(...event.inverseOffers);
        if (event.kind === "failure") this.heard.push("FAILURE");
        if (event.kind !== "update") return;
        const { state, reason } = event.status;
        this.heard.push(`${nameOf(TaskState, state)} ${nameOf(TaskStatus_Reason, reason)}`);
      },
    });
    this.#run = this.driver.run();
  }

  /** The one offer of this agent, as soon as it is there. */
  offerOf(agentId: string): Promise<Offer> {
    return until(() => [...this.offers.values()].find((offer) => offer.agentId?.value === agentId));
  }

  /** Launches a task on the agent; resolves when it runs. */
  async runTask(agentId: string, { name = "t", command = "sleep 600" } = {}): Promise<void> {
    const offer = await this.offerOf(agentId);
    const offerId = offer.id?.value ?? "";
    const resources = [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 1 } }];
    const fields = { name, taskId: { value: name }, agentId: { value: agentId }, resources, command: { value: command } };
    const runningBefore = this.#runningCount();
    this.offers.delete(offerId);
    await this.driver.launch([offerId], [TaskInfo.fromPartial(fields)], 0);
    await until(() => this.#runningCount() > runningBefore);
  }

  #runningCount(): number {
    return this.heard.filter((line) => line.startsWith("TASK_RUNNING")).length;
  }

  /** The n-th question, from 0, as soon as it is there. */
  question(index: number): Promise<InverseOffer> {
    return until(() => this.questions[index]);
  }

  async end(): Promise<void> {
    await this.driver.teardown();
    await this.#run;
  }
}

function nameOf(names: Readonly<Record<string, number | string>>, value: number | undefined): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? "none";
}
