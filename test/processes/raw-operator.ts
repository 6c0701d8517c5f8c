/** Calls of the operator's service of a master, as bytes. */

import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";

const identity = (bytes: Buffer): Buffer => bytes;

/** Rejects with "CODE: reason". */
export class RawOperator implements Disposable {
  readonly client: Client;

  constructor(address: string) {
    const options = { "grpc.use_local_subchannel_pool": 1, "grpc.max_receive_message_length": -1 };
    this.client = new Client(address, credentials.createInsecure(), options);
  }

  call(name: string, request: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(pathOf(name), identity, identity, Buffer.from(request), new Metadata(), (error, bytes) => {
        if (error === null && bytes !== undefined) resolve(bytes);
        else reject(error === null ? new Error(`${name} answered nothing`) : toError(error));
      });
    });
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

function pathOf(name: string): string {
  return `/tepui.v1.MasterOperator/${name}`;
}

function toError({ code, details }: ServiceError): Error {
  return new Error(`${status[code]}: ${details}`);
}
