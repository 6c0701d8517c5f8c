/** One master, one agent and one framework of the SDK, as processes: for tests of what runs on an agent. */

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SchedulerDriver, type SchedulerDriverOptions } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import {
  FrameworkInfo_Capability_Type,
  type Offer,
  TaskInfo,
  type TaskState,
  type TaskStatus,
  Value_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { Tool } from "../cli/tool.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { until } from "./until.ts";

export interface SdkClusterOptions {
  /** Of the framework, and in the name of the folder. */
  readonly name: string;
  /** What else the framework says of itself. */
  readonly framework?: Partial<SchedulerDriverOptions["framework"]>;
  readonly masterFlags?: readonly string[];
  readonly agentFlags?: readonly string[];
}

export class SdkCluster {
  readonly agentAddress: string;
  readonly masterAddress: string;
  /** All that the framework heard. */
  readonly heard: SchedulerEvent[] = [];
  readonly #options: SdkClusterOptions;
  readonly #folder: string;
  readonly #driver: SchedulerDriver;
  #run: Promise<void> = Promise.resolve();
  #master: MasterProcess | undefined;
  #agent: AgentProcess | undefined;
  /** In `heard`: where offers begin that were not taken, nor older than one that was. */
  #offersFrom = 0;

  private constructor(options: SdkClusterOptions, ports: { readonly master: number; readonly agent: number }) {
    this.#options = options;
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), `tepui-${options.name}-`)));
    this.masterAddress = `127.0.0.1:${ports.master}`;
    this.agentAddress = `127.0.0.1:${ports.agent}`;
    this.#driver = new SchedulerDriver({
      masters: [this.masterAddress],
      framework: {
        user: "root",
        name: options.name,
        failoverTimeout: 60,
        checkpoint: true,
        capabilities: [{ type: FrameworkInfo_Capability_Type.PARTITION_AWARE }],
        ...options.framework,
      },
      reconnectMinMs: 20,
      reconnectMaxMs: 100,
      onEvent: (event) => void this.heard.push(event),
    });
  }

  static async start(options: SdkClusterOptions): Promise<SdkCluster> {
    const cluster = new SdkCluster(options, { master: await freePort(), agent: await freePort() });
    await cluster.startMaster();
    await cluster.startAgent();
    cluster.#run = cluster.#driver.run();
    return cluster;
  }

  /** Drain now must end the agent well, if it still runs. */
  async stop(): Promise<void> {
    this.#driver.stop();
    await this.#run;
    if (this.agent.isRunning) assert.equal((await this.agent.end("SIGUSR1")).code, 0);
    await this.master.end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get master(): MasterProcess {
    return this.#master ?? assert.fail("no master was started");
  }

  get agent(): AgentProcess {
    return this.#agent ?? assert.fail("no agent was started");
  }

  get driver(): SchedulerDriver {
    return this.#driver;
  }

  /** The agent's. */
  get workDir(): string {
    return join(this.#folder, "agent");
  }

  /** At the same address with the same registry, as long as its flags do not say that it is in memory. */
  async startMaster(): Promise<void> {
    const fixed = [`--port=${portOf(this.masterAddress)}`, "--work-dir", join(this.#folder, "master"), "--allocation-interval=50ms"];
    this.#master = new MasterProcess([...fixed, ...(this.#options.masterFlags ?? [])]);
    await this.#master.leading();
  }

  /** At the same address, by which executors find their agent. Answers its id. */
  async startAgent(...flags: readonly string[]): Promise<string> {
    this.#agent = this.newAgent(...flags);
    return await this.#agent.registered();
  }

  /** An agent that need not come so far as to register. */
  newAgent(...flags: readonly string[]): AgentProcess {
    const fixed = ["--master", this.masterAddress, "--work-dir", this.workDir, `--port=${portOf(this.agentAddress)}`];
    const quick = ["--resources=cpus:4;mem:1024", "--update-retry-min=200ms", "--registration-backoff-max=200ms"];
    return new AgentProcess([...fixed, ...quick, ...(this.#options.agentFlags ?? []), ...flags]);
  }

  /** The newest offer that came since one was taken. */
  offer(): Promise<Offer> {
    return until(() => offersIn(this.heard.slice(this.#offersFrom)).at(-1));
  }

  /** The newest offer; what is left of it after a launch comes back as another one. */
  async takeOffer(): Promise<Offer> {
    const offer = await this.offer();
    this.#offersFrom = this.heard.length;
    return offer;
  }

  /** Launches these on the newest offer. */
  async launch(tasksOn: (agentId: string) => readonly TaskInfo[]): Promise<string> {
    const { id, agentId } = await this.takeOffer();
    await this.#driver.launch([id?.value ?? ""], tasksOn(agentId?.value ?? ""), 0);
    return agentId?.value ?? "";
  }

  /** That came since one was taken, on the newest subscription, and were not rescinded. */
  offersOut(): readonly Offer[] {
    const subscribedAt = this.heard.findLastIndex(({ kind }) => kind === "subscribed");
    const heard = this.heard.slice(Math.max(this.#offersFrom, subscribedAt));
    const rescinded = new Set(heard.flatMap((event) => (event.kind === "rescind" ? [event.offerId] : [])));
    return offersIn(heard).filter(({ id }) => !rescinded.has(id?.value ?? ""));
  }

  /** `tepui` with these words, for operators of this cluster. */
  tool(...words: readonly string[]): Tool {
    return new Tool(["cli/main.ts", ...words], { environment: { TEPUI_MASTER: this.masterAddress } });
  }

  /** What it says when it ends well. */
  async tepui(...words: readonly string[]): Promise<string> {
    const tool = this.tool(...words);
    assert.equal(await tool.exited, 0, tool.error);
    return tool.out;
  }

  /** What it says of a call that is refused. */
  async refused(...words: readonly string[]): Promise<string> {
    const tool = this.tool(...words);
    assert.equal(await tool.exited, 1, tool.error + tool.out);
    assert.equal(tool.out, "");
    return tool.error;
  }

  updates(): readonly TaskStatus[] {
    return this.heard.flatMap((event) => (event.kind === "update" ? [event.status] : []));
  }

  updatesOf(taskId: string): readonly TaskStatus[] {
    return this.updates().filter((status) => status.taskId?.value === taskId);
  }

  /** Of the task's updates, each of which may have come several times. */
  statesOf(taskId: string): readonly TaskState[] {
    return [...new Map(this.updatesOf(taskId).map(({ uuid, state }) => [Buffer.from(uuid ?? []).toString("hex"), state])).values()];
  }

  reached(taskId: string, state: TaskState): Promise<TaskStatus> {
    return until(() => this.updatesOf(taskId).find((status) => status.state === state));
  }
}

/** Of all offers among these events. */
export function offersIn(events: readonly SchedulerEvent[]): readonly Offer[] {
  return events.flatMap((event) => (event.kind === "offers" ? event.offers : []));
}

/** The task "t", of one cpu. */
export function oneTask(agentId: string, command: string): TaskInfo {
  return TaskInfo.fromPartial({
    name: "t",
    taskId: { value: "t" },
    agentId: { value: agentId },
    resources: [{ name: "cpus", type: Value_Type.SCALAR, scalar: { value: 1 } }],
    command: { value: command },
  });
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
