/** What operators ask of one agent, in TypeScript: the files of its sandboxes, and its tasks. */

import { Client, credentials } from "@grpc/grpc-js";

import { Call_ReadFile, Response_GetTasks, Response_ReadFile } from "../protos/gen/mesos/v1/agent/agent.ts";
import { parseAddress } from "../runtime/address.ts";
import { answerMaxBytes, callTimeoutDefaultMs, callUnary } from "./unary-call.ts";

const service = "tepui.v1.AgentOperator";

export interface AgentOperatorClientOptions {
  /** Of the agent's gRPC server, as host:port. */
  readonly address: string;
  readonly callTimeoutMs?: number;
}

export class AgentOperatorClient implements Disposable {
  readonly #options: AgentOperatorClientOptions;
  readonly #client: Client;

  constructor(options: AgentOperatorClientOptions) {
    if (parseAddress(options.address) === undefined)
      throw new RangeError(`AgentOperatorClient: address must be host:port, is "${options.address}"`);
    this.#options = options;
    this.#client = new Client(options.address, credentials.createInsecure(), { "grpc.max_receive_message_length": answerMaxBytes });
  }

  /** A part of a file from `offset` (bytes) on, and the size of the whole; without `length` as much as one answer holds. */
  async readFile(file: { readonly path: string; readonly offset: number; readonly length?: number }): Promise<FilePart> {
    const length = file.length === undefined ? undefined : BigInt(file.length);
    const request = Call_ReadFile.encode({ path: file.path, offset: BigInt(file.offset), length }).finish();
    const { size, data } = Response_ReadFile.decode(await this.#ask("ReadFile", request));
    return { sizeBytes: Number(size), data };
  }

  /** By stage: what waits, what runs, and what ended. */
  async getTasks(): Promise<Response_GetTasks> {
    return Response_GetTasks.decode(await this.#ask("GetTasks", new Uint8Array()));
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #ask(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    const { address, callTimeoutMs: timeoutMs = callTimeoutDefaultMs } = this.#options;
    const answer = await callUnary(this.#client, { service, name, reads: true }, { address, bytes, timeoutMs });
    if (!answer.ok) throw answer.error;
    return answer.bytes;
  }
}

export interface FilePart {
  readonly sizeBytes: number;
  readonly data: Uint8Array;
}
