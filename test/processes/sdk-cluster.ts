/** One master, one agent and one framework of the SDK, as processes: for tests of what runs on an agent. */

import { SchedulerDriver, type SchedulerDriverOptions } from "../../client/scheduler-driver.ts";
import type { SchedulerEvent } from "../../client/scheduler-event.ts";
import {
  FrameworkInfo_Capability_Type,
  type Offer,
  TaskInfo,
  type TaskState,
  type TaskStatus,
  Value_Type,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { freePorts, NodePair, type NodePairOptions, type Ports } from "./node-pair.ts";
import { until } from "./until.ts";

export interface SdkClusterOptions extends NodePairOptions {
  /** What else the framework, which has the same name, says of itself. */
  readonly framework?: Partial<SchedulerDriverOptions["framework"]>;
}

export class SdkCluster extends NodePair {
  readonly driver: SchedulerDriver;
  /** All that the framework heard. */
  readonly heard: SchedulerEvent[] = [];
  #run: Promise<void> = Promise.resolve();
  /** In `heard`: where offers begin that were not taken, nor older than one that was. */
  #offersFrom = 0;

  private constructor(options: SdkClusterOptions, ports: Ports) {
    super(options, ports);
    this.driver = new SchedulerDriver({
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

  static override async start(options: SdkClusterOptions): Promise<SdkCluster> {
    const cluster = new SdkCluster(options, await freePorts());
    await cluster.startBoth();
    cluster.#run = cluster.driver.run();
    return cluster;
  }

  override async stop(): Promise<void> {
    this.driver.stop();
    await this.#run;
    await super.stop();
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
    await this.driver.launch([id?.value ?? ""], tasksOn(agentId?.value ?? ""), 0);
    return agentId?.value ?? "";
  }

  /** That came since one was taken, on the newest subscription, and were not rescinded. */
  offersOut(): readonly Offer[] {
    const subscribedAt = this.heard.findLastIndex(({ kind }) => kind === "subscribed");
    const heard = this.heard.slice(Math.max(this.#offersFrom, subscribedAt));
    const rescinded = new Set(heard.flatMap((event) => (event.kind === "rescind" ? [event.offerId] : [])));
    return offersIn(heard).filter(({ id }) => !rescinded.has(id?.value ?? ""));
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
