/** One master, one agent at a time and one framework: launches tasks, and asks the agent's AgentOperator what it likes. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type ClientReadableStream, status } from "@grpc/grpc-js";

import type { CommandInfo, ExecutorInfo } from "../../protos/gen/mesos/v1/mesos.ts";
import { createChannel } from "../../runtime/grpc/channel.ts";
import { AgentProcess } from "./agent-process.ts";
import { RawCluster } from "./raw-cluster.ts";
import type { RawFramework } from "./raw-framework.ts";

export interface Answer {
  readonly code: number;
  readonly message: string;
  readonly bytes: Buffer;
}

const identity = (bytes: Buffer): Buffer => bytes;

export class OneAgent {
  readonly workDir = mkdtempSync(join(tmpdir(), "tepui-one-agent-"));
  readonly #cluster: RawCluster;
  #agent: AgentProcess | undefined;
  #operator: Client | undefined;
  #agentId = "";

  private constructor(cluster: RawCluster) {
    this.#cluster = cluster;
  }

  /** With an agent that is registered. */
  static async boot(...flags: string[]): Promise<OneAgent> {
    const one = new OneAgent(await RawCluster.boot());
    await one.start(...flags);
    return one;
  }

  get agent(): AgentProcess {
    assert.ok(this.#agent !== undefined);
    return this.#agent;
  }

  get framework(): RawFramework {
    return this.#cluster.framework;
  }

  get agentId(): string {
    return this.#agentId;
  }

  /** The next agent on the same work directory; the one before has ended. */
  async start(...flags: string[]): Promise<void> {
    this.#operator?.close();
    const resources = "--resources=cpus:4;mem:256;disk:100;ports:[]";
    this.#agent = new AgentProcess(["--master", this.#cluster.address, "--work-dir", this.workDir, resources, ...flags]);
    this.#agentId = await this.#agent.registered();
    const { grpcPort } = await this.#agent.logged("listening");
    this.#operator = createChannel({ host: "127.0.0.1", port: Number(grpcPort) });
  }

  async end(): Promise<void> {
    this.#operator?.close();
    if (this.agent.isRunning) await this.agent.end("SIGUSR1");
    await this.#cluster.end();
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

  /** A shell task of 0.1 cpus. */
  async launch(taskId: string, command: string | Partial<CommandInfo>, executor?: ExecutorInfo): Promise<void> {
    const offer = await this.framework.offer((one) => one.agentId?.value === this.#agentId);
    const work = executor === undefined ? { command: typeof command === "string" ? { value: command } : command } : { executor };
    await this.framework.launch(offer, { [taskId]: work });
  }
}
