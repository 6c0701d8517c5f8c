/** Reads the whole state of the master on the port that is its argument, again and again, and logs how long each answer took. */

import { Metadata } from "@grpc/grpc-js";

import { createChannel } from "../runtime/grpc/channel.ts";

const identity = (bytes: Buffer): Buffer => bytes;
const path = "/tepui.v1.MasterOperator/GetState";
const channel = createChannel({ host: "127.0.0.1", port: Number(process.argv[2]) });

/** The bytes of one answer, which nobody decodes: what readers do with it is their own affair. */
function read(): Promise<number> {
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(path, identity, identity, Buffer.alloc(0), new Metadata(), (error, bytes) => {
      if (error === null && bytes !== undefined) resolve(bytes.length);
      else reject(error ?? new Error("there was no answer"));
    });
  });
}

for (;;) {
  const beganAtMs = performance.now();
  const bytes = await read();
  console.error(JSON.stringify({ msg: "read", bytes, ms: performance.now() - beganAtMs }));
}
