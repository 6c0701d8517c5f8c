/** Wires a master: store, core, driver, services, servers. `main.ts` reads the command line and decides how the process ends. */

import { readFile } from "node:fs/promises";

import { assertDefined } from "../common/assert.ts";
import type { MasterId } from "../common/ids.ts";
import type { Refusal } from "../common/result.ts";
import { systemClock } from "../runtime/clock.ts";
import { createDriver, type Driver } from "../runtime/driver.ts";
import { createElection } from "../runtime/election/create.ts";
import { ExposedFiles } from "../runtime/exposed-files.ts";
import { describeFlags } from "../runtime/flags.ts";
import { createGrpcServer, type Service } from "../runtime/grpc/server.ts";
import { createPages } from "../runtime/http/pages.ts";
import { createHttpServer } from "../runtime/http/server.ts";
import type { Logger } from "../runtime/logger.ts";
import { createLoggingLevel } from "../runtime/logging-level.ts";
import { createMetrics } from "../runtime/metrics.ts";
import { exitFatally } from "../runtime/shutdown.ts";
import { createStore } from "../runtime/store/create.ts";
import { addClusterMetrics } from "./cluster-metrics.ts";
import type { MasterConfig } from "./core/config.ts";
import type { MasterAddress } from "./core/event.ts";
import type { MasterInput } from "./core/input.ts";
import { createMaster } from "./core/master.ts";
import { advertisedHostname, type MasterFlags, masterFlags } from "./flags.ts";
import { type AgentService, createAgentService } from "./grpc/agent-service.ts";
import type { MasterProcess } from "./grpc/master-methods.ts";
import { createOperatorService, type OperatorService } from "./grpc/operator-service.ts";
import { createSchedulerService, type SchedulerService } from "./grpc/scheduler-service.ts";
import { locateLog } from "./log-files.ts";
import { createPerform } from "./perform.ts";
import { createRegistry, registryFormat } from "./registry.ts";
import { createVerboseLog } from "./verbose-log.ts";

/** A check walks over everything that the master knows; once a minute it costs nothing that anybody notices. */
const invariantsIntervalMs = 60_000;

export interface MasterOptions {
  readonly flags: MasterFlags;
  readonly masterId: MasterId;
  readonly logger: Logger;
  /** The core wants this process to end and to be started again. */
  readonly onExit: (reason: string) => void;
}

export interface RunningMaster {
  /** Ends every stream and call with `refusal`, then the servers and the store. */
  stop(refusal: Refusal): Promise<void>;
}

/** Rejects with StoreError or ListenError when something that the flags ask for cannot be had. */
export async function startMaster({ flags, masterId, logger, onExit }: MasterOptions): Promise<RunningMaster> {
  const startedWallMs = systemClock.now().wallMs;
  const metrics = createMetrics("master");
  const nodeLogger = logger.child({ masterId });
  const logFiles = new ExposedFiles({ locate: locateLog(flags["external-log-file"]) });
  const verboseLog = createVerboseLog(nodeLogger);
  const onFatal = (error: unknown): void => exitFatally(logger, error);
  let driver: Driver<MasterInput> | undefined;
  const dispatch = (input: MasterInput): void => {
    metrics.countInput(input.kind);
    verboseLog.input(input);
    assertDefined(driver, "driver").dispatch(input);
  };
  let address: MasterAddress = { masterId, hostname: advertisedHostname(flags), grpcPort: 0, httpPort: 0, domain: flags.domain };
  let electedWallMs: number | undefined;

  const directory = flags["work-dir"] ?? "";
  const store = await createStore({ kind: flags.registry, directory, fileName: "registry.db", format: registryFormat });
  const services = createServices(dispatch, {
    describe: () => ({ address, startedWallMs, electedWallMs }),
    flags: describeFlags(masterFlags, flags),
    metrics,
    loggingLevel: createLoggingLevel([logger, nodeLogger]),
    files: () => logFiles,
  });
  const grpc = createGrpcServer({ services: services.list, descriptors: await readDescriptors(), onFatal });
  const http = createHttpServer(createPages(metrics));

  const httpPort = await http.listen({ host: flags.ip, port: flags["http-port"], flag: "--http-port" });
  // Last of all waits: from here to the driver nothing else runs, so no call can come too early.
  const grpcPort = await grpc.listen({ host: flags.ip, port: flags.port, flag: "--port" });
  address = { ...address, grpcPort, httpPort };

  const onLeading = (): void => {
    electedWallMs = systemClock.now().wallMs;
    grpc.setServing(true);
  };
  const registry = createRegistry({ store, dispatch, onLeading });
  // Whoever waits for the line "leading" learns from it where this master listens.
  nodeLogger.setBindings({ grpcPort, httpPort });
  const perform = createPerform({ ...services, registry, logger: nodeLogger, exit: onExit });
  const core = createMaster(toConfig(flags, masterId, address));
  addClusterMetrics(metrics.registry, () => core.figures());
  // A throw out of a timer reaches `exitOnUncaught`: a master whose books do not agree must not go on.
  setInterval(() => core.checkInvariants(), invariantsIntervalMs).unref();
  driver = createDriver({
    core,
    tick: { kind: "tick" },
    clock: systemClock,
    perform: (effect) => {
      metrics.countEffect(effect.kind);
      verboseLog.effect(effect);
      perform(effect);
    },
    afterTurn: services.agents.flush,
    onFatal,
  });
  const election = createElection(flags.election, address);
  election.contend({
    onGained: () => dispatch({ kind: "leadershipGained" }),
    onLost: () => dispatch({ kind: "leadershipLost" }),
    onLeaderChanged: (leader) => dispatch({ kind: "leaderChanged", leader }),
  });

  return {
    stop: async (refusal) => {
      driver.stop();
      grpc.setServing(false);
      services.closeAll(refusal);
      await Promise.all([grpc.close(), http.close(), election.stop()]);
      await store.close();
    },
  };
}

interface Services {
  readonly schedulers: SchedulerService;
  readonly agents: AgentService;
  readonly operators: OperatorService;
  readonly list: readonly Service[];
  closeAll(refusal: Refusal): void;
}

function createServices(dispatch: (input: MasterInput) => void, masterProcess: MasterProcess): Services {
  let callCount = 0;
  const nextCallId = (): number => ++callCount;
  const schedulers = createSchedulerService({ dispatch, nextCallId });
  const agents = createAgentService(dispatch);
  const operators = createOperatorService({ dispatch, nextCallId, masterProcess });
  const all = [schedulers, agents, operators];
  return {
    schedulers,
    agents,
    operators,
    list: all.map(({ service }) => service),
    closeAll: (refusal) => {
      for (const service of all) service.closeAll(refusal);
    },
  };
}

function toConfig(flags: MasterFlags, masterId: MasterId, address: MasterAddress): MasterConfig {
  return {
    masterId,
    address,
    seed: flags.seed,
    allocationIntervalMs: flags["allocation-interval"],
    agentPingTimeoutMs: flags["agent-ping-timeout"],
    agentPingTimeoutsMax: flags["max-agent-ping-timeouts"],
    agentReregisterTimeoutMs: flags["agent-reregister-timeout"],
    heartbeatIntervalMs: flags["heartbeat-interval"],
    offerTimeoutMs: flags["offer-timeout"],
    roles: flags.roles,
    rootSubmissions: flags["root-submissions"],
    filterGpuResources: flags["filter-gpu-resources"],
    maintenance: flags.maintenance,
    revocationGraceMs: flags["revocation-grace"],
  };
}

/** For reflection; `npm run gen` writes the file, a bundle keeps it at the same place beside the program. */
function readDescriptors(): Promise<Buffer> {
  return readFile(new URL("../protos/gen/descriptors.binpb", import.meta.url));
}
