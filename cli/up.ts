/** `tepui up`: its command line. What it starts is loaded when it is asked for, so that the other commands need not wait for it. */

import { Command, InvalidArgumentError } from "commander";
import { defaultPort } from "./default-master.ts";
import { withExamples } from "./examples.ts";
import type { UpOptions } from "./up-cluster.ts";

/** More agents than this are better simulated: each is a Node process of some 80 MB. */
const agentsMax = 50;

export function upCommand(): Command {
  const command = new Command("up")
    .description("Runs a cluster of one master and some agents on loopback, until Ctrl-C.")
    .option("--agents <count>", `number of agents, 1 to ${agentsMax}`, parseAgentCount, 3)
    .option("--port <port>", "the master's gRPC port", parsePort, defaultPort)
    .option("--folder <path>", "logs and work directories; the registry of an earlier run there is used again", ".tepui/up")
    .action(async (options: UpOptions, self: Command) => {
      const { up } = await import("./up-cluster.ts");
      await up(options, self);
    });
  return withExamples(command, ["up", "up --agents 5 --port 7050"]);
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
