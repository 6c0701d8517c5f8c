/** Reads the leader's state over the operator's service. */

import * as grpc from "@grpc/grpc-js";
import { Response_GetAgents, Response_GetMaster, Response_GetState } from "../../protos/gen/mesos/v1/master/master.ts";
import type { AgentSnapshot, LeaderSnapshot } from "../history/event.ts";
import { toAgentSnapshots, toLeaderSnapshot } from "../history/leader-snapshot.ts";
import { identity, MasterClient } from "./master-client.ts";

/** The leader answers within this, or counts as not there. */
const readTimeoutMs = 5_000;

const termKey = "tepui-term";
const registryVersionKey = "tepui-registry-version";

interface Answer {
  readonly bytes: Buffer;
  readonly metadata: grpc.Metadata;
}

export class LeaderReader {
  readonly #master: MasterClient;

  constructor(addressOf: () => string) {
    this.#master = new MasterClient(addressOf);
  }

  /** Undefined when nobody answers, or who answers does not lead. */
  async read(): Promise<LeaderSnapshot | undefined> {
    const [state, master] = await Promise.all([this.#call("GetState"), this.#call("GetMaster")]);
    if (state === undefined || master === undefined) return undefined;
    return toLeaderSnapshot(Response_GetState.decode(state.bytes), {
      masterId: Response_GetMaster.decode(master.bytes).masterInfo?.id ?? "",
      term: Number(state.metadata.get(termKey)[0] ?? 0),
      registryVersion: Number(state.metadata.get(registryVersionKey)[0] ?? 0),
    });
  }

  /** Undefined as above. */
  async readAgents(): Promise<readonly AgentSnapshot[] | undefined> {
    const answer = await this.#call("GetAgents");
    return answer === undefined ? undefined : toAgentSnapshots(Response_GetAgents.decode(answer.bytes));
  }

  close(): void {
    this.#master.close();
  }

  #call(method: string): Promise<Answer | undefined> {
    const client = this.#master.get();
    return new Promise((resolve) => {
      let metadata = new grpc.Metadata();
      const call = client.makeUnaryRequest(
        `/tepui.v1.MasterOperator/${method}`,
        identity,
        identity,
        Buffer.alloc(0),
        new grpc.Metadata(),
        { deadline: Date.now() + readTimeoutMs },
        (error, bytes) => resolve(error === null && bytes !== undefined ? { bytes, metadata } : undefined),
      );
      call.on("metadata", (received: grpc.Metadata) => {
        metadata = received;
      });
    });
  }
}
