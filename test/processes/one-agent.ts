/** One master, one agent at a time and one framework: launches tasks, and asks the agent's AgentOperator what it likes. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, type ClientReadableStream, status } from "@grpc/grpc-js";

import {
  type CommandInfo,
  type ExecutorInfo,
  type Offer,
  Offer_Operation_Type,
  type TaskState,
  type TaskStatus,
} from "../../protos/gen/mesos/v1/mesos.ts";
import { Call, Call_Type } from "../../protos/gen/mesos/v1/scheduler/scheduler.ts";
import { createChannel } from "../../runtime/grpc/channel.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";
import { RawScheduler, type RawSubscription, subscribeCall } from "./raw-scheduler.ts";

/** Processes start in well under a second; a busy machine takes its time. */
const patienceMs = 15_000;

export interface Answer {
  readonly code: number;
  readonly message: string;
  readonly bytes: Buffer;
}

const identity = (bytes: Buffer): Buffer => bytes;

export class OneAgent {
  readonly workDir = mkdtempSync(join(tmpdir(), "tepui-one-agent-"));
  readonly #master: MasterProcess;
  readonly #address: string;
  readonly #client: RawScheduler;
  readonly framework: RawSubscription;
  #agent: AgentProcess | undefined;
  #operator: Client | undefined;
  #agentId = "";
  readonly #acknowledged = new Set<string>();
  readonly #used = new Set<string>();

  private constructor(parts: { master: MasterProcess; address: string; client: RawScheduler; framework: RawSubscription }) {
    this.#master = parts.master;
    this.#address = parts.address;
    this.#client = parts.client;
    this.framework = parts.framework;
  }

  /** With an agent that is registered. */
  static async boot(...flags: string[]): Promise<OneAgent> {
    const master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    const { address } = await master.leading();
    const client = new RawScheduler(address);
    const framework = await client.subscribe(Call.encode(subscribeCall()).finish());
    const one = new OneAgent({ master, address, client, framework });
    await one.start(...flags);
    return one;
  }

  get agent(): AgentProcess {
    assert.ok(this.#agent !== undefined);
    return this.#agent;
  }

  get agentId(): string {
    return this.#agentId;
  }

  /** The next agent on the same work directory; the one before has ended. */
  async start(...flags: string[]): Promise<void> {
    this.#operator?.close();
    const resources = "--resources=cpus:4;mem:256;disk:100;ports:[]";
    this.#agent = new AgentProcess(["--master", this.#address, "--work-dir", this.workDir, resources, ...flags]);
    this.#agentId = await this.#agent.registered();
    const { grpcPort } = await this.#agent.logged("listening");
    this.#operator = createChannel({ host: "127.0.0.1", port: Number(grpcPort) });
  }

  async end(): Promise<void> {
    this.#operator?.close();
    if (this.agent.isRunning) await this.agent.end("SIGUSR1");
    this.#client.close();
    await this.#master.end("SIGKILL");
    rmSync(this.workDir, { recursive: true, force: true });
  }

  get operator(): Client {
    assert.ok(this.#operator !== undefined);
    return this.#operator;
  }

  /** Any answer of an RPC of AgentOperator. */
  ask(method: string, request: Uint8Array = new Uint8Array()): Promise<Answer> {
    return new Promise((resolve) => {
      this.operator.makeUnaryRequest(`/tepui.v1.AgentOperator/${method}`, identity, identity, Buffer.from(request), (error, bytes) => {
        const none = Buffer.alloc(0);
        resolve(
          error === null
            ? { code: status.OK, message: "", bytes: bytes ?? none }
            : { code: error.code, message: error.details, bytes: none },
        );
      });
    });
  }

  /** The answer of a call that must succeed. */
  async tell<T>(method: string, decoder: { decode(bytes: Uint8Array): T }, request?: Uint8Array): Promise<T> {
    const { code, message, bytes } = await this.ask(method, request);
    assert.equal(code, status.OK, `${method}: ${message}`);
    return decoder.decode(bytes);
  }

  open(method: string, request: Uint8Array): ClientReadableStream<Buffer> {
    return this.operator.makeServerStreamRequest(`/tepui.v1.AgentOperator/${method}`, identity, identity, Buffer.from(request));
  }

  async call(body: Parameters<typeof Call.fromPartial>[0]): Promise<void> {
    const request = Call.encode(Call.fromPartial({ ...body, frameworkId: { value: this.framework.frameworkId } })).finish();
    const { code, message } = await this.#client.call(request, this.framework.streamId);
    assert.equal(code, status.OK, message);
  }

  /** A shell task of 0.1 cpus. */
  async launch(taskId: string, command: string | Partial<CommandInfo>, executor?: ExecutorInfo): Promise<void> {
    const isWanted = (one: Offer): boolean => one.agentId?.value === this.#agentId && !this.#used.has(one.id?.value ?? "");
    const offer = await until(() => this.framework.events.flatMap((event) => event.offers?.offers ?? []).findLast(isWanted));
    this.#used.add(offer.id?.value ?? "");
    const resources = [{ name: "cpus", type: 0 as const, scalar: { value: 0.1 } }];
    const work = executor === undefined ? { command: typeof command === "string" ? { value: command } : command } : { executor };
    const task = { name: taskId, taskId: { value: taskId }, agentId: { value: this.#agentId }, resources, ...work };
    const operations = [{ type: Offer_Operation_Type.LAUNCH, launch: { taskInfos: [task] } }];
    const offerIds = [{ value: offer.id?.value ?? "" }];
    await this.call({ type: Call_Type.ACCEPT, accept: { offerIds, operations, filters: { refuseSeconds: 0 } } });
  }

  /** The first update of the task that says so. Acknowledges what comes until then. */
  async reached(taskId: string, state: TaskState): Promise<TaskStatus> {
    for (;;) {
      const found = await until(() =>
        this.framework.events
          .flatMap((event) => event.update?.status ?? [])
          .find((one) => one.taskId?.value === taskId && !this.#acknowledged.has(keyOf(one))),
      );
      this.#acknowledged.add(keyOf(found));
      await this.acknowledge(found);
      if (found.state === state) return found;
    }
  }

  async acknowledge({ agentId, taskId, uuid }: TaskStatus): Promise<void> {
    if (uuid !== undefined && uuid.length > 0) await this.call({ type: Call_Type.ACKNOWLEDGE, acknowledge: { agentId, taskId, uuid } });
  }
}

function keyOf({ uuid, taskId, state }: TaskStatus): string {
  return `${taskId?.value} ${state} ${Buffer.from(uuid ?? []).toString("hex")}`;
}

/** What the probe answers as soon as it is something. */
export async function until<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    assert.ok(performance.now() < deadlineMs, `still not so: ${probe}`);
    await sleep(5);
  }
}
