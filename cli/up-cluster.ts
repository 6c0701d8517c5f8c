/** What `tepui up` does: a live cluster of processes to develop against, until Ctrl-C. */

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { agentDefaults } from "../agent/core/config.ts";
import { refusedExitCode } from "../agent/core/registration.ts";
import { onEndSignal } from "../harness/grpc/end-signals.ts";
import { RealCluster } from "../harness/grpc/real-cluster.ts";
import type { ClusterTimings, NodeName } from "../harness/history/event.ts";
import { Recorder } from "../harness/history/recorder.ts";
import { ProcessHost } from "../harness/processes/process-host.ts";
import { exitCodes } from "../harness/run.ts";
import { masterDefaults } from "../server/core/config.ts";
import { defaultMaster } from "./default-master.ts";

/** How long a node that was killed stays away: long enough to see what the others make of it. */
const restartAfterMs = 2_000;

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

export interface UpOptions {
  readonly agents: number;
  readonly port: number;
  readonly folder: string;
}

export async function up(options: UpOptions, command: Command): Promise<void> {
  const folder = makeFolder(options.folder, command);
  const startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  const recorder = new Recorder(nowMs);
  let isEnding = false;
  let hasBooted = false;
  let agentsLeft = options.agents;
  // As a supervisor does with what crashed. Who leaves by itself, as after drain now, stays away.
  const startAgain = async (node: NodeName): Promise<void> => {
    if (isEnding) return;
    await cluster.restart(node);
    console.log(`${node} runs again: pid ${host.pids().find((one) => one.node === node)?.pid}`);
  };
  recorder.listen((event) => {
    // Ends that we bring about ourselves are no news.
    if (event.kind === "nodeExited" && !isEnding) {
      const isKilled = hasBooted && event.signal !== undefined;
      const log = `its log: ${folder}/${event.node}.log`;
      const next = isKilled ? `it starts again in ${restartAfterMs / 1000} s` : `${whyItLeft(event)}; ${log}`;
      console.log(`${event.node} exited (${event.signal ?? `code ${event.code}`}); ${next}`);
      if (isKilled) setTimeout(() => startAgain(event.node), restartAfterMs);
      else if (hasBooted && event.node.startsWith("agent")) agentsLeft--;
      if (agentsLeft === 0) console.log("no agent is left: end this with Ctrl-C and start `up` again to have new ones");
    }
    if (event.kind === "agentRegistered") console.log(`${event.node} is registered as ${event.agentId}`);
  });
  const host = new ProcessHost({ folder, masterPort: options.port });
  await using cluster = new RealCluster(host, { seed: 0, masterCount: 1, agentCount: options.agents, timings, recorder }, nowMs);
  // Before it boots: a signal meanwhile must not leave half of the cluster behind.
  const ended = new Promise<void>((done) => {
    onEndSignal(() => {
      isEnding = true;
      cluster.abandonBoot();
      done();
    });
  });
  try {
    await cluster.boot();
  } catch (error) {
    if (isEnding) return;
    console.error(`error: the cluster did not start: ${error instanceof Error ? error.message : error}`);
    process.exitCode = exitCodes["harness-error"];
    return;
  }
  hasBooted = true;
  for (const line of welcome(host, folder)) console.log(line);
  await ended;
  console.log("ending the cluster and its tasks");
}

/** What the exit code of a node that nobody killed says; the log says the rest. */
function whyItLeft({ node, code }: { readonly node: NodeName; readonly code?: number | undefined }): string {
  const isAgent = node.startsWith("agent");
  if (isAgent && code === 0) return "drained, or told to end: it is not started again";
  if (isAgent && code === refusedExitCode) return "gone, or its machine is down, says the master: it is not started again";
  return "it is not started again";
}

/** Ends the command over a folder that cannot be had. */
function makeFolder(path: string, command: Command): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    command.error(`error: option '--folder <path>' argument '${path}' is invalid. must be a folder, or a place for a new one: ${reason}`);
  }
  return folder;
}

/** What to do with the cluster now. */
function welcome(host: ProcessHost, folder: string): string[] {
  const address = host.masterAddress();
  const master = address === defaultMaster ? "" : ` -- --master ${address}`;
  const pids = host
    .pids()
    .map(({ node, pid }) => `  ${node}: pid ${pid}${node.startsWith("agent") ? `  (drain now: kill -USR1 ${pid})` : ""}`);
  return [
    `\nThe master listens for gRPC on ${address}. Logs are in ${folder}.`,
    ...pids,
    `In another terminal: npm run example:python${master}  or  npm run example:typescript${master}`,
    "Ctrl-C ends the cluster and its tasks.",
  ];
}
