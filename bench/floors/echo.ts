/** Sends the messages that a master got through a bare gRPC server in a process of its own, on as many streams. */

import { Metadata, type ServiceError } from "@grpc/grpc-js";

import { assertDefined } from "../../common/assert.ts";
import { createChannel, openStream } from "../../runtime/grpc/channel.ts";
import type { RunContext } from "../measurement.ts";
import { NodeProcess } from "../node-process.ts";
import { cpuMs } from "../process-usage.ts";

export interface EchoResult {
  readonly wallMs: number;
  /** Of the server. */
  readonly cpuMs: number;
  /** In both directions. */
  readonly messageCount: number;
}

/** `streams` holds the sizes of the messages of each stream; each stream keeps `windowMessages` under way. */
export async function measureEcho(
  context: RunContext,
  streams: readonly { readonly sizes: readonly number[]; readonly windowMessages: number }[],
): Promise<EchoResult> {
  const server = new NodeProcess("bench/floors/echo-server.ts", [], { profileFolder: context.profileFolder });
  try {
    const { grpcPort } = await server.logged("listening");
    const beganAtMs = performance.now();
    const cpuBeforeMs = cpuMs(server.pid);
    await Promise.all(streams.map(({ sizes, windowMessages }) => echo(Number(grpcPort), sizes, windowMessages)));
    const messageCount = 2 * streams.reduce((sum, { sizes }) => sum + sizes.length, 0);
    return { wallMs: performance.now() - beganAtMs, cpuMs: cpuMs(server.pid) - cpuBeforeMs, messageCount };
  } finally {
    await server.stop();
  }
}

/**
 * Milliseconds of two round trips one after the other, as from ACCEPT to RUNNING: to the agent and back. `bytes` each way, at a
 * steady rate for some seconds.
 */
export async function measureRoundTrips(
  context: RunContext,
  { bytes, rate, seconds }: { readonly bytes: number; readonly rate: number; readonly seconds: number },
): Promise<readonly number[]> {
  const server = new NodeProcess("bench/floors/echo-server.ts", [], { profileFolder: context.profileFolder });
  try {
    const { grpcPort } = await server.logged("listening");
    return await roundTrips(Number(grpcPort), { bytes, rate, total: rate * seconds });
  } finally {
    await server.stop();
  }
}

function roundTrips(port: number, { bytes, rate, total }: { bytes: number; rate: number; total: number }): Promise<readonly number[]> {
  const channel = createChannel({ host: "127.0.0.1", port });
  const stream = openStream(channel, "/bench.Floor/Echo", new Metadata());
  const beganAtMs = performance.now();
  /** Under way, in order; `isBack`: for the second time. */
  const underWay: { readonly atMs: number; readonly isBack: boolean }[] = [];
  const tookMs: number[] = [];
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, ((performance.now() - beganAtMs) * rate) / 1000);
    for (; sent < due; sent++) {
      underWay.push({ atMs: performance.now(), isBack: false });
      stream.write(Buffer.alloc(bytes));
    }
  }, 1);
  const finished = new Promise<void>((resolve, reject) => {
    stream.on("data", (message: Buffer) => {
      const { atMs, isBack } = assertDefined(underWay.shift(), "a message under way");
      if (isBack) {
        tookMs.push(performance.now() - atMs);
      } else {
        underWay.push({ atMs, isBack: true });
        stream.write(message);
      }
      if (tookMs.length === total) stream.end();
    });
    stream.on("end", resolve);
    stream.on("error", (error: ServiceError) => reject(error));
  });
  return finished
    .finally(() => {
      clearInterval(timer);
      channel.close();
    })
    .then(() => tookMs);
}

/** Rejects when a message comes back with another size. */
function echo(port: number, sizes: readonly number[], windowMessages: number): Promise<void> {
  const channel = createChannel({ host: "127.0.0.1", port });
  const stream = openStream(channel, "/bench.Floor/Echo", new Metadata());
  const finished = new Promise<void>((resolve, reject) => {
    let sent = 0;
    let received = 0;
    const send = (): void => {
      const size = sizes[sent++];
      if (size === undefined) stream.end();
      else stream.write(Buffer.alloc(size));
    };
    stream.on("data", (bytes: Buffer) => {
      if (bytes.length !== sizes[received++]) reject(new Error(`message ${received - 1} came back with ${bytes.length} bytes`));
      if (sent < sizes.length) send();
      else if (received === sizes.length) stream.end();
    });
    stream.on("end", resolve);
    stream.on("error", (error: ServiceError) => reject(error));
    for (let count = 0; count < Math.min(windowMessages, Math.max(1, sizes.length)); count++) send();
  });
  return finished.finally(() => channel.close());
}
