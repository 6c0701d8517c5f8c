/** The agent's command line. Names and defaults follow the reference where it has them. */

import { hostname } from "node:os";

import { InvalidArgumentError } from "commander";

import { type Attribute, parseAttributes } from "../common/attributes.ts";
import type { Resources } from "../common/resources.ts";
import { parseResources } from "../common/resources-text.ts";
import type { Result } from "../common/result.ts";
import { version } from "../common/version.ts";
import { parseAddress } from "../runtime/address.ts";
import {
  bytesFlag,
  choiceFlag,
  domainFlag,
  durationFlag,
  exitForUsage,
  type Flag,
  type FlagValues,
  integerFlag,
  parseFlagsOrExit,
  portFlag,
  switchFlag,
  textFlag,
} from "../runtime/flags.ts";
import { logLevels } from "../runtime/logger.ts";
import { agentDefaults } from "./core/config.ts";
import type { LeaderAddress } from "./core/input.ts";
import { fetcherDefaults } from "./fetcher/fetch-limits.ts";

/** Resources as they were written, and what the text means. */
export interface ResourcesFlag {
  readonly text: string;
  readonly resources: Resources;
}

const masterFlag: Flag<LeaderAddress | undefined> = {
  placeholder: "host:port",
  description: "gRPC address of the master; required.",
  fallback: undefined,
  parse: parseMaster,
  format: (value) => (value === undefined ? "" : `${value.hostname}:${value.grpcPort}`),
};

const resourcesFlag: Flag<ResourcesFlag> = {
  placeholder: "resources",
  description:
    'What to offer, as "cpus:4;mem:1024;ports:[31000-32000]" or as a JSON list; cpus, mem, disk and ports are found where not named.',
  fallback: { text: "", resources: [] },
  parse: (text) => ({ text, resources: valueOrComplaint(parseResources(text)) }),
  format: (value) => value.text,
};

interface AttributesFlag {
  readonly text: string;
  readonly attributes: readonly Attribute[];
}

const attributesFlag: Flag<AttributesFlag> = {
  placeholder: "attributes",
  description: 'What to say of this agent in its offers, as "rack:r12;zone:{a,b}".',
  fallback: { text: "", attributes: [] },
  parse: (text) => ({ text, attributes: valueOrComplaint(parseAttributes(text)) }),
  format: (value) => value.text,
};

const gcDiskHeadroomFlag: Flag<number> = {
  placeholder: "share",
  description: "Share of the disk that the removal of old sandboxes tries to keep free, 0 to 1.",
  fallback: agentDefaults.gcDiskHeadroom,
  parse: (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value > 1) throw new InvalidArgumentError('It must be a number from 0 to 1, like "0.1".');
    return value;
  },
  format: String,
};

/** What tasks can be kept from using more of than they may. */
const isolators = ["cpu", "mem", "disk"] as const;
export type Isolator = (typeof isolators)[number];

const isolationFlag: Flag<readonly Isolator[]> = {
  placeholder: "list",
  description:
    "What tasks are kept from using more of than they asked for: any of cpu,mem,disk. cpu and mem need the controllers of cgroups, and " +
    "with both tasks may name limits; a sandbox with more than its disk is found at the next measuring.",
  fallback: [],
  parse: (text) => {
    const names = text.split(",").filter((name) => name !== "");
    const chosen = isolators.filter((isolator) => names.includes(isolator));
    if (names.length === chosen.length) return chosen;
    throw new InvalidArgumentError(`It must be a list of ${isolators.join(", ")}, each once, like "cpu,mem".`);
  },
  format: (value) => value.join(","),
};

export const agentFlags = {
  master: masterFlag,
  "work-dir": textFlag({
    description: "Directory for checkpoint, sandboxes and records of tasks; created when missing; required.",
    fallback: undefined,
  }),
  ip: textFlag({ description: "Address to listen on.", fallback: "127.0.0.1" }),
  port: portFlag({ description: "Port for gRPC; 0 for any free one.", fallback: 6051 }),
  "http-port": portFlag({ description: "Port for HTTP: /metrics and /health; 0 for any free one.", fallback: 5051 }),
  hostname: textFlag({ description: "Name under which offers show this agent.", fallback: hostname() }),
  resources: resourcesFlag,
  attributes: attributesFlag,
  domain: domainFlag("Region and zone of this agent."),
  "reconfiguration-policy": choiceFlag({
    description:
      "What may differ from the last start under the same id: nothing, or resources and attributes that grow. What --resources does " +
      "not name follows the machine.",
    fallback: "equal",
    choices: ["equal", "additive"],
  }),
  cgroups: choiceFlag({
    description: "Whether each task gets a cgroup of its own, where that can be done.",
    fallback: "auto",
    choices: ["auto", "off"],
  }),
  isolation: isolationFlag,
  "registration-backoff": durationFlag({
    description: "Bound of the first random wait before a registration; it doubles with each attempt.",
    fallback: agentDefaults.registrationBackoffMs,
  }),
  "registration-backoff-max": durationFlag({ description: "Longest such wait.", fallback: agentDefaults.registrationBackoffMaxMs }),
  "update-retry-min": durationFlag({
    description: "Wait before an unacknowledged status update is sent again; it doubles each time.",
    fallback: agentDefaults.updateRetryMinMs,
  }),
  "update-retry-max": durationFlag({ description: "Longest such wait.", fallback: agentDefaults.updateRetryMaxMs }),
  "executor-registration-timeout": durationFlag({
    description: "How long an executor may take from its launch to its first subscription.",
    fallback: agentDefaults.executorRegistrationTimeoutMs,
  }),
  "executor-reregistration-timeout": durationFlag({
    description: "How long an executor may take to come back after a restart of the agent.",
    fallback: agentDefaults.executorReregistrationTimeoutMs,
  }),
  "executor-shutdown-grace-period": durationFlag({
    description: "How long an executor may take to end after SHUTDOWN, where it names no other time.",
    fallback: agentDefaults.executorShutdownGraceMs,
  }),
  "recovery-timeout": durationFlag({
    description: "How long executors wait for an agent that is away.",
    fallback: agentDefaults.executorRecoveryTimeoutMs,
  }),
  "gc-delay": durationFlag({
    description: "How long the sandbox of an ended container may stay; the fuller the disk, the shorter.",
    fallback: agentDefaults.gcDelayMs,
    minMs: 0,
  }),
  "gc-disk-headroom": gcDiskHeadroomFlag,
  "disk-watch-interval": durationFlag({
    description: "How often the disk is looked at, and what has become too old is removed.",
    fallback: agentDefaults.diskWatchIntervalMs,
  }),
  "container-disk-watch-interval": durationFlag({
    description: "How long to rest between two rounds of measuring the sandboxes in use.",
    fallback: agentDefaults.containerDiskWatchIntervalMs,
  }),
  "sandbox-log-max-bytes": integerFlag({
    description: "How large stdout and stderr of a task may be before they are moved to stdout.1 and stderr.1; 0 for any size.",
    fallback: agentDefaults.sandboxLogMaxBytes,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  "sandbox-log-files": integerFlag({
    description: "How many of these older files stay.",
    fallback: agentDefaults.sandboxLogFiles,
    min: 1,
    max: 1_000,
  }),
  "sandbox-log-interval": durationFlag({
    description: "How often these sizes are looked at; what a task prints meanwhile comes on top.",
    fallback: agentDefaults.sandboxLogIntervalMs,
  }),
  "drain-now-timeout": durationFlag({
    description: "How long SIGUSR1 waits for the dead before it tells the master who still lives.",
    fallback: agentDefaults.drainNowTimeoutMs,
  }),
  "switch-user": switchFlag({
    description: "Whether a command runs as its user, or else as its framework's; only an agent of root can.",
    fallback: process.geteuid?.() === 0,
  }),
  "fetcher-cache-size": bytesFlag({
    description: "How much of the disk the files take that commands asked to be cached.",
    fallback: fetcherDefaults.cacheMaxBytes,
  }),
  "fetcher-stall-timeout": durationFlag({
    description: "How long a file that is fetched may go without a single byte.",
    fallback: fetcherDefaults.stallTimeoutMs,
  }),
  "log-level": choiceFlag({ description: "Least level that is logged.", fallback: "info", choices: logLevels }),
};

type GivenFlags = FlagValues<typeof agentFlags>;
export type AgentFlags = GivenFlags & { readonly master: LeaderAddress; readonly "work-dir": string };

/** Ends the process with status 2 and a reason when the arguments are wrong. */
export function readAgentFlags(args: readonly string[]): AgentFlags {
  const flags = parseFlagsOrExit({ name: "tepui-agent", description: "An agent of a tepui cluster.", version, flags: agentFlags }, args);
  const { master, "work-dir": workDirectory, "update-retry-min": minMs, "update-retry-max": maxMs } = flags;
  if (master === undefined) exitForUsage("option '--master <host:port>' is required");
  if (workDirectory === undefined) exitForUsage("option '--work-dir <text>' is required");
  const { "registration-backoff": backoffMs, "registration-backoff-max": backoffMaxMs } = flags;
  if (backoffMaxMs < backoffMs) {
    exitForUsage(`--registration-backoff-max must not be less than --registration-backoff, ${backoffMaxMs}ms is less than ${backoffMs}ms`);
  }
  if (maxMs < minMs) exitForUsage(`--update-retry-max must not be less than --update-retry-min, ${maxMs}ms is less than ${minMs}ms`);
  return { ...flags, master, "work-dir": workDirectory };
}

function parseMaster(text: string): LeaderAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('It must be host:port, like "127.0.0.1:6050" or "[::1]:6050".');
  return { hostname: address.host, grpcPort: address.port };
}

function valueOrComplaint<T>(result: Result<T>): T {
  if (!result.ok) throw new InvalidArgumentError(`Refused: ${result.refusal.message}.`);
  return result.value;
}
