/**
 * An agent without a disk and without processes, on a real AgentLink: each task runs at once, and finishes when that is
 * acknowledged. What one flush of the master asks for is answered in one flush.
 */

import { randomBytes } from "node:crypto";
import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";

import { AgentInfo, type FrameworkID, type TaskID, TaskState, TaskStatus, TaskStatus_Source } from "../protos/gen/mesos/v1/mesos.ts";
import { type AgentMessage, AgentMessages, type MasterMessage, MasterMessages } from "../protos/gen/tepui/v1/agent_link.ts";
import { type ClientStream, createChannel, openStream } from "../runtime/grpc/channel.ts";
import { resourcesOf } from "./tasks.ts";
import type { Traffic } from "./traffic.ts";

const uuidBytes = 16;

export interface MemoryAgentOptions {
  readonly port: number;
  readonly name: string;
  /** Tasks that it has room for. */
  readonly taskCount: number;
  readonly traffic: Traffic;
  /** Tasks do not finish. */
  readonly keepsTasks?: boolean;
  /** Shared by several agents; one of its own otherwise. */
  readonly channel?: Client;
  readonly onProblem: (problem: string) => void;
}

interface RunningTask {
  readonly frameworkId: FrameworkID | undefined;
  readonly taskId: TaskID;
  state: TaskState;
}

export class MemoryAgent {
  readonly #options: MemoryAgentOptions;
  readonly #channel: Client;
  readonly #stream: ClientStream;
  readonly #registered = Promise.withResolvers<void>();
  readonly #tasks = new Map<string, RunningTask>();
  #agentId = "";
  #updateCount = 0;
  #finishedCount = 0;
  #isClosed = false;

  private constructor(options: MemoryAgentOptions) {
    this.#options = options;
    this.#channel = options.channel ?? createChannel({ host: "127.0.0.1", port: options.port });
    this.#stream = openStream(this.#channel, "/tepui.v1.AgentLink/Connect", new Metadata());
    this.#stream.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#stream.on("error", (error: ServiceError) => this.#problem(`its link ended: ${error.message}`));
    const info = AgentInfo.fromPartial({ hostname: options.name, port: 1, resources: resourcesOf(options.taskCount) });
    this.#send([
      {
        message: { $case: "register", register: { linkVersion: 1, info, version: "bench", credential: randomBytes(16), capabilities: [] } },
      },
    ]);
  }

  /** Resolves when the agent has its id. */
  static async register(options: MemoryAgentOptions): Promise<MemoryAgent> {
    const agent = new MemoryAgent(options);
    await agent.#registered.promise;
    return agent;
  }

  /** Tasks whose end was acknowledged. */
  get finishedCount(): number {
    return this.#finishedCount;
  }

  get runningCount(): number {
    return this.#tasks.size;
  }

  close(): void {
    this.#isClosed = true;
    this.#stream.cancel();
    if (this.#options.channel === undefined) this.#channel.close();
  }

  #receive(bytes: Buffer): void {
    this.#options.traffic.fromMaster();
    const answers: AgentMessage[] = [];
    for (const { message } of MasterMessages.decode(bytes).messages) this.#take(message, answers);
    if (answers.length > 0) this.#send(answers);
  }

  #take(message: MasterMessage["message"], answers: AgentMessage[]): void {
    switch (message?.$case) {
      case "registered":
        this.#agentId = message.registered.agentId?.value ?? "";
        this.#registered.resolve();
        return;
      case "ping":
        answers.push({ message: { $case: "pong", pong: { number: message.ping.number } } });
        return;
      case "runTask": {
        const { framework, task } = message.runTask;
        const taskId = task?.taskId;
        if (taskId === undefined || this.#tasks.has(taskId.value)) {
          this.#problem(`it was told to run ${taskId?.value ?? "nothing"}, which it runs already`);
          return;
        }
        const running: RunningTask = { frameworkId: framework?.id, taskId, state: TaskState.TASK_RUNNING };
        this.#tasks.set(taskId.value, running);
        answers.push(this.#update(running));
        return;
      }
      case "acknowledge":
        this.#acknowledged(message.acknowledge.taskId?.value ?? "", answers);
        return;
      default:
        this.#problem(`it got ${message?.$case ?? "an unknown message"}`);
    }
  }

  #acknowledged(taskId: string, answers: AgentMessage[]): void {
    const task = this.#tasks.get(taskId);
    if (task === undefined) {
      this.#problem(`an update of ${taskId}, which has ended, was acknowledged`);
    } else if (this.#options.keepsTasks === true) {
      return;
    } else if (task.state === TaskState.TASK_RUNNING) {
      task.state = TaskState.TASK_FINISHED;
      answers.push(this.#update(task));
    } else {
      this.#tasks.delete(taskId);
      this.#finishedCount += 1;
    }
  }

  #update({ frameworkId, taskId, state }: RunningTask): AgentMessage {
    const uuid = Buffer.alloc(uuidBytes);
    uuid.writeUInt32BE(++this.#updateCount);
    const status: TaskStatus = {
      ...emptyStatus,
      taskId,
      state,
      agentId: { value: this.#agentId },
      source: TaskStatus_Source.SOURCE_EXECUTOR,
      timestamp: Date.now() / 1000,
      uuid,
    };
    return { message: { $case: "update", update: { frameworkId, status, latestState: state } } };
  }

  #send(messages: AgentMessage[]): void {
    const bytes = AgentMessages.encode({ messages }).finish();
    this.#options.traffic.toMaster(bytes.length);
    this.#stream.write(bytes);
  }

  #problem(problem: string): void {
    if (this.#isClosed) return;
    this.#registered.reject(new Error(problem));
    this.#options.onProblem(`agent ${this.#options.name}: ${problem}`);
  }
}

const emptyStatus = TaskStatus.fromPartial({ taskId: { value: "" }, state: TaskState.TASK_RUNNING });
