/** `tepui up`: a live cluster of processes to develop against, until Ctrl-C. */

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { agentDefaults } from "../agent/core/config.ts";
import { RealCluster } from "../harness/grpc/real-cluster.ts";
import type { ClusterTimings } from "../harness/history/event.ts";
import { Recorder } from "../harness/history/recorder.ts";
import { ProcessHost } from "../harness/processes/process-host.ts";
import { masterDefaults } from "../server/core/config.ts";

/** More agents than this are better simulated: each is a Node process of some 80 MB. */
const agentsMax = 50;

/** The reference's own timings: what a framework meets in production. */
const timings: ClusterTimings = {
  allocationIntervalMs: masterDefaults.allocationIntervalMs,
  heartbeatIntervalMs: masterDefaults.heartbeatIntervalMs,
  pingTimeoutMs: masterDefaults.agentPingTimeoutMs,
  pingTimeoutsMax: masterDefaults.agentPingTimeoutsMax,
  reregisterTimeoutMs: masterDefaults.agentReregisterTimeoutMs,
  updateRetryMinMs: agentDefaults.updateRetryMinMs,
  updateRetryMaxMs: agentDefaults.updateRetryMaxMs,
  registrationBackoffMaxMs: agentDefaults.registrationBackoffMaxMs,
  epsilonMs: 0,
};

export function upCommand(): Command {
  return new Command("up")
    .description("Runs a cluster of one master and some agents on loopback, until Ctrl-C.")
    .option("--agents <count>", `number of agents, 1 to ${agentsMax}`, parseAgentCount, 3)
    .option("--port <port>", "the master's gRPC port", parsePort, 6050)
    .option("--folder <path>", "logs and work directories; agents and tasks of an earlier run there are found again", ".tepui/up")
    .action(up);
}

interface UpOptions {
  readonly agents: number;
  readonly port: number;
  readonly folder: string;
}

async function up(options: UpOptions): Promise<void> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  const recorder = new Recorder(nowMs);
  recorder.listen((event) => {
    if (event.kind === "nodeExited")
      console.log(`${event.node} exited (${event.signal ?? `code ${event.code}`}); its log: ${folder}/${event.node}.log`);
    if (event.kind === "agentRegistered") console.log(`${event.node} is registered as ${event.agentId}`);
  });
  const host = new ProcessHost({ folder, masterPort: options.port });
  await using cluster = new RealCluster(host, { seed: 0, masterCount: 1, agentCount: options.agents, timings, recorder }, nowMs);
  await cluster.boot();
  console.log(`\nThe master listens for gRPC on ${host.masterAddress()}. Logs are in ${folder}.`);
  for (const { node, pid } of host.pids())
    console.log(`  ${node}: pid ${pid}${node.startsWith("agent") ? `  (drain now: kill -USR1 ${pid})` : ""}`);
  console.log(`Try: examples/python/run.sh --master ${host.masterAddress()}\nCtrl-C ends the cluster and its tasks.`);
  await new Promise<void>((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
}

function parseAgentCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > agentsMax)
    throw new InvalidArgumentError(`must be a whole number from 1 to ${agentsMax}.`);
  return count;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("must be a port from 1 to 65535.");
  return port;
}
