/** A real master with a framework made of bytes: for tests that start and end agents themselves. */

import { MasterProcess } from "./master-process.ts";
import { type CallBody, RawFramework } from "./raw-framework.ts";
import { RawScheduler } from "./raw-scheduler.ts";

export class RawCluster {
  readonly master: MasterProcess;
  /** The master's. */
  readonly address: string;
  readonly client: RawScheduler;
  readonly framework: RawFramework;

  private constructor(parts: { master: MasterProcess; address: string; client: RawScheduler; framework: RawFramework }) {
    this.master = parts.master;
    this.address = parts.address;
    this.client = parts.client;
    this.framework = parts.framework;
  }

  /** `request`: how the framework subscribes. */
  static async boot(request?: CallBody): Promise<RawCluster> {
    const master = new MasterProcess(["--registry=memory", "--allocation-interval=50ms"]);
    const { address } = await master.leading();
    const client = new RawScheduler(address);
    return new RawCluster({ master, address, client, framework: await RawFramework.subscribe(client, request) });
  }

  async end(): Promise<void> {
    this.client.close();
    await this.master.end("SIGKILL");
  }
}
