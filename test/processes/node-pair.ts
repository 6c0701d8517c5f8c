/** One master and one agent as processes, each of which may be started again, and the command line beside them. */

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../harness/grpc/free-port.ts";
import { Tool, type ToolOptions } from "../cli/tool.ts";
import { AgentProcess } from "./agent-process.ts";
import { MasterProcess } from "./master-process.ts";

export interface NodePairOptions {
  /** In the name of the folder. */
  readonly name: string;
  readonly masterFlags?: readonly string[];
  readonly agentFlags?: readonly string[];
}

export interface Ports {
  readonly master: number;
  readonly agent: number;
}

export async function freePorts(): Promise<Ports> {
  return { master: await freePort(), agent: await freePort() };
}

export class NodePair {
  readonly agentAddress: string;
  readonly masterAddress: string;
  /** Of this pair alone; it goes with it. */
  readonly folder: string;
  readonly #options: NodePairOptions;
  #master: MasterProcess | undefined;
  #agent: AgentProcess | undefined;

  protected constructor(options: NodePairOptions, ports: Ports) {
    this.#options = options;
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), `tepui-${options.name}-`)));
    this.masterAddress = `127.0.0.1:${ports.master}`;
    this.agentAddress = `127.0.0.1:${ports.agent}`;
  }

  static async start(options: NodePairOptions): Promise<NodePair> {
    const pair = new NodePair(options, await freePorts());
    await pair.startBoth();
    return pair;
  }

  protected async startBoth(): Promise<void> {
    await this.startMaster();
    await this.startAgent();
  }

  /** Drain now must end the agent well, if it still runs. */
  async stop(): Promise<void> {
    if (this.agent.isRunning) assert.equal((await this.agent.end("SIGUSR1")).code, 0);
    await this.master.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  get master(): MasterProcess {
    return this.#master ?? assert.fail("no master was started");
  }

  get agent(): AgentProcess {
    return this.#agent ?? assert.fail("no agent was started");
  }

  /** The agent's. */
  get workDir(): string {
    return join(this.folder, "agent");
  }

  /** At the same address with the same registry, as long as its flags do not say that it is in memory. */
  async startMaster(): Promise<void> {
    const fixed = [`--port=${portOf(this.masterAddress)}`, "--work-dir", join(this.folder, "master"), "--allocation-interval=50ms"];
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

  /** `tepui` with these words, for operators of this cluster. */
  tool(words: readonly string[], options: Omit<ToolOptions, "environment"> = {}): Tool {
    return new Tool(["cli/main.ts", ...words], { ...options, environment: { TEPUI_MASTER: this.masterAddress } });
  }

  /** What it says when it ends well. */
  async tepui(...words: readonly string[]): Promise<string> {
    const tool = this.tool(words);
    assert.equal(await tool.exited, 0, tool.error);
    return tool.out;
  }

  /** What it says of a call that is refused. */
  async refused(...words: readonly string[]): Promise<string> {
    const tool = this.tool(words);
    assert.equal(await tool.exited, 1, tool.error + tool.out);
    assert.equal(tool.out, "");
    return tool.error;
  }
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
