/** What operators ask of one agent, in TypeScript: the files of its sandboxes, its tasks, and commands within their containers. */

import { once } from "node:events";
import { Client, credentials, Metadata } from "@grpc/grpc-js";

import {
  Call_AttachContainerInput,
  Call_AttachContainerInput_Type,
  Call_LaunchNestedContainerSession,
  Call_ReadFile,
  Call_RemoveNestedContainer,
  Call_WaitNestedContainer,
  ProcessIO,
  ProcessIO_Data_Type,
  ProcessIO_Type,
  Response_GetTasks,
  Response_ReadFile,
  Response_WaitNestedContainer,
} from "../protos/gen/mesos/v1/agent/agent.ts";
import type { ContainerID } from "../protos/gen/mesos/v1/mesos.ts";
import { parseAddress } from "../runtime/address.ts";
import { readStream } from "./node-stream.ts";
import { answerMaxBytes, callTimeoutDefaultMs, callUnary, toCallError } from "./unary-call.ts";

const service = "tepui.v1.AgentOperator";

/** Of one message of input: a fraction of what HTTP/2 lets a stream send ahead, so that a piece never waits for its own rest. */
const inputPieceBytes = 16 * 1024;

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

  /** Runs a command within a container until it has ended or this is not read any more; what it writes, and heartbeats. */
  async *launchSession(request: Call_LaunchNestedContainerSession): AsyncGenerator<ProcessIO> {
    const operation = { service, name: "LaunchNestedContainerSession", reads: false };
    const bytes = Call_LaunchNestedContainerSession.encode(request).finish();
    for await (const message of readStream(this.#client, operation, { address: this.#options.address, bytes }))
      yield ProcessIO.decode(message);
  }

  /** Feeds a session until the data ends. Resolves when the session takes no more. */
  async attachInput(containerId: ContainerID, data: AsyncIterable<Uint8Array>): Promise<void> {
    const path = `/${service}/AttachContainerInput`;
    const encode = (message: Call_AttachContainerInput): Buffer => Buffer.from(Call_AttachContainerInput.encode(message).finish());
    const taken = Promise.withResolvers<void>();
    const call = this.#client.makeClientStreamRequest(
      path,
      encode,
      (bytes) => bytes,
      new Metadata(),
      (error) => {
        if (error === null) taken.resolve();
        else taken.reject(toCallError({ service, name: "AttachContainerInput", reads: false }, this.#options.address, error));
      },
    );
    const isOver = taken.promise.then(
      () => true,
      () => true,
    );
    call.write({ type: Call_AttachContainerInput_Type.CONTAINER_ID, containerId });
    const feed = async (): Promise<void> => {
      for await (const bytes of data) {
        for (let start = 0; start < bytes.length; start += inputPieceBytes) {
          const isRoom = call.write(toInput(bytes.subarray(start, start + inputPieceBytes)));
          if (!isRoom && (await Promise.race([once(call, "drain"), isOver])) === true) return;
        }
      }
      call.write(toInput(new Uint8Array()));
      call.end();
    };
    const fed = feed();
    // What becomes of the data after the session took its last is nobody's.
    fed.catch(() => undefined);
    await Promise.race([fed, isOver]);
    await taken.promise;
  }

  /** How a nested container ended, as waitpid reports it; undefined when nobody knows. It must have ended. */
  async waitNestedContainer(containerId: ContainerID): Promise<number | undefined> {
    const request = Call_WaitNestedContainer.encode({ containerId }).finish();
    return Response_WaitNestedContainer.decode(await this.#ask("WaitNestedContainer", request)).exitStatus;
  }

  /** Forgets a nested container that has ended. */
  async removeNestedContainer(containerId: ContainerID): Promise<void> {
    await this.#ask("RemoveNestedContainer", Call_RemoveNestedContainer.encode({ containerId }).finish(), { reads: false });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #ask(name: string, bytes: Uint8Array, { reads = true } = {}): Promise<Uint8Array> {
    const { address, callTimeoutMs: timeoutMs = callTimeoutDefaultMs } = this.#options;
    const answer = await callUnary(this.#client, { service, name, reads }, { address, bytes, timeoutMs });
    if (!answer.ok) throw answer.error;
    return answer.bytes;
  }
}

function toInput(data: Uint8Array): Call_AttachContainerInput {
  const processIo = { type: ProcessIO_Type.DATA, data: { type: ProcessIO_Data_Type.STDIN, data } };
  return { type: Call_AttachContainerInput_Type.PROCESS_IO, processIo };
}

export interface FilePart {
  readonly sizeBytes: number;
  readonly data: Uint8Array;
}
