/** The master's command line. Names and defaults follow the reference where it has them. */

import { hostname } from "node:os";

import { type Result, refuse, succeed } from "../common/result.ts";
import { defaultRole, roleProblem } from "../common/roles.ts";
import { version } from "../common/version.ts";
import { electionKinds } from "../runtime/election/create.ts";
import {
  choiceFlag,
  domainFlag,
  durationFlag,
  exitForUsage,
  type FlagValues,
  integerFlag,
  parseFlagsOrExit,
  portFlag,
  readFlag,
  switchFlag,
  textFlag,
} from "../runtime/flags.ts";
import { logLevels } from "../runtime/logger.ts";
import { storeKinds } from "../runtime/store/create.ts";
import { masterDefaults } from "./core/config.ts";

export const masterFlags = {
  ip: textFlag({ description: "Address to listen on.", fallback: "127.0.0.1" }),
  port: portFlag({ description: "Port for gRPC; 0 for any free one.", fallback: 6050 }),
  "http-port": portFlag({ description: "Port for HTTP; 0 for any free one.", fallback: 5050 }),
  hostname: textFlag({ description: "Name or address under which others reach this master (default: --ip).", fallback: undefined }),
  "work-dir": textFlag({ description: "Directory for the registry; created when missing.", fallback: undefined }),
  registry: choiceFlag({ description: "Where the registry is kept.", fallback: "sqlite", choices: storeKinds }),
  election: choiceFlag({ description: "How the leader is found.", fallback: "standalone", choices: electionKinds }),
  "allocation-interval": durationFlag({ description: "Time between allocations.", fallback: masterDefaults.allocationIntervalMs }),
  "agent-ping-timeout": durationFlag({
    description: "How long an agent may take to answer a ping.",
    fallback: masterDefaults.agentPingTimeoutMs,
  }),
  "max-agent-ping-timeouts": integerFlag({
    description: "Unanswered pings in a row that make an agent unreachable.",
    fallback: masterDefaults.agentPingTimeoutsMax,
    min: 1,
    max: 1_000,
  }),
  "agent-reregister-timeout": durationFlag({
    description: "How long agents may take to come back after a failover or a lost connection.",
    fallback: masterDefaults.agentReregisterTimeoutMs,
  }),
  "heartbeat-interval": durationFlag({
    description: "Time between heartbeats to schedulers.",
    fallback: masterDefaults.heartbeatIntervalMs,
  }),
  "offer-timeout": durationFlag({
    description: "After which offers are rescinded (default: never).",
    fallback: masterDefaults.offerTimeoutMs,
  }),
  roles: readFlag({
    placeholder: "roles",
    description: "Roles that frameworks may subscribe to, with commas between them (default: any).",
    read: parseRoles,
    format: (roles) => [...roles].join(","),
  }),
  "root-submissions": switchFlag({ description: "Whether frameworks may run as root.", fallback: masterDefaults.rootSubmissions }),
  "filter-gpu-resources": switchFlag({
    description: "Whether agents with gpus are offered to frameworks with GPU_RESOURCES only.",
    fallback: masterDefaults.filterGpuResources,
  }),
  maintenance: choiceFlag({
    description: "What the start of a maintenance window does: enforce takes what was not returned, operator leaves that to you.",
    fallback: masterDefaults.maintenance,
    choices: ["enforce", "operator"],
  }),
  "revocation-grace": durationFlag({
    description: "The longest grace of a task that is killed because its machine's window has begun.",
    fallback: masterDefaults.revocationGraceMs,
    minMs: 0,
  }),
  "external-log-file": textFlag({
    description:
      "File, or directory of files, in which the log of this master is kept by whoever reads its stderr; operators see it as /master/log.",
    fallback: undefined,
  }),
  domain: domainFlag("Region and zone of this master; agents of other regions are then offered to frameworks with REGION_AWARE only."),
  seed: integerFlag({ description: "Decides what the allocator would shuffle.", fallback: 0, min: 0, max: 2 ** 32 - 1 }),
  "log-level": choiceFlag({ description: "Least level that is logged.", fallback: "info", choices: logLevels }),
};

export type MasterFlags = FlagValues<typeof masterFlags>;

/** Ends the process with status 2 and a reason when the arguments are wrong. */
export function readMasterFlags(args: readonly string[]): MasterFlags {
  const flags = parseFlagsOrExit(
    { name: "tepui-master", description: "The master of a tepui cluster.", version, flags: masterFlags },
    args,
  );
  if (flags.registry === "sqlite" && flags["work-dir"] === undefined) {
    exitForUsage("option '--work-dir <text>' is required with --registry sqlite (or use --registry memory, which forgets)");
  }
  return flags;
}

/** What others are told: a wildcard address says nothing to them. */
export function advertisedHostname(flags: MasterFlags): string {
  const isWildcard = flags.ip === "0.0.0.0" || flags.ip === "::";
  return flags.hostname ?? (isWildcard ? hostname() : flags.ip);
}

/** The default role is always allowed, as in the reference. */
function parseRoles(text: string): Result<ReadonlySet<string>> {
  const roles = text.split(",").map((role) => role.trim());
  for (const role of roles) {
    const rule = roleProblem(role);
    if (rule !== undefined) return refuse("INVALID_ARGUMENT", `role ${rule}`);
  }
  return succeed(new Set([defaultRole, ...roles]));
}
