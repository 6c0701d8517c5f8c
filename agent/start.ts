/** Wires an agent: checkpoint, containers, core, driver, link. `main.ts` reads the command line and decides how the process ends. */

import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { assertDefined } from "../common/assert.ts";
import { writeAttributes } from "../common/attributes.ts";
import { writeFaultDomain } from "../common/fault-domain.ts";
import { Uuid } from "../common/ids.ts";
import { writeResources } from "../common/mesos-resources.ts";
import type { Resources } from "../common/resources.ts";
import { version } from "../common/version.ts";
import { AgentInfo } from "../protos/gen/mesos/v1/mesos.ts";
import { formatAddress } from "../runtime/address.ts";
import { systemClock } from "../runtime/clock.ts";
import { createDriver, type Driver } from "../runtime/driver.ts";
import { createGrpcServer } from "../runtime/grpc/server.ts";
import type { Logger } from "../runtime/logger.ts";
import { exitFatally } from "../runtime/shutdown.ts";
import { createStore } from "../runtime/store/create.ts";
import { checkpointFormat, openCheckpoint } from "./checkpoint-store.ts";
import { createCheckRunner } from "./checks/check-runner.ts";
import type { ContainerEvent } from "./containers/container-runtime.ts";
import type { ControllerName } from "./containers/controllers.ts";
import { checkDisks, readMountPoints } from "./containers/disks.ts";
import { ProcessRuntime, type ProcessRuntimeOptions } from "./containers/process-runtime.ts";
import { readBootId } from "./containers/process-table.ts";
import { createVolumes } from "./containers/volumes.ts";
import { inWorkDirectory } from "./containers/work-directory-error.ts";
import { createAgent } from "./core/agent.ts";
import type { CheckpointRecord } from "./core/checkpoint-record.ts";
import { type AgentConfig, agentDefaults } from "./core/config.ts";
import type { AgentConfiguration } from "./core/configuration.ts";
import type { AgentInput } from "./core/input.ts";
import { completeResources } from "./detect-resources.ts";
import type { AgentFlags, Isolator } from "./flags.ts";
import { createExecutorService } from "./grpc/executor-service.ts";
import { createMasterClient } from "./grpc/master-client.ts";
import { createObservation } from "./observation.ts";
import { openSandboxes } from "./open-sandboxes.ts";
import { createPerform } from "./perform.ts";
import { createVerboseLog } from "./verbose-log.ts";
import { agentCapabilities } from "./wire/capabilities.ts";
import type { AgentSelf } from "./wire/encode.ts";

/** A check walks over everything that the agent knows; once a minute it costs nothing that anybody notices. */
const invariantsIntervalMs = 60_000;

export interface AgentOptions {
  readonly flags: AgentFlags;
  readonly logger: Logger;
  /** The core has come to its end; the agent is to be stopped and the process to exit with this code. */
  readonly onExit: (code: number, reason: string) => void;
}

export interface RunningAgent {
  /** SIGUSR1. */
  drainNow(): void;
  /** Lets go of everything; tasks run on. */
  stop(): Promise<void>;
}

/** What the flags ask for and cannot be had rejects: StoreError, ListenError, DiskError, IsolationError or WorkDirectoryError. */
export async function startAgent({ flags, logger, onExit }: AgentOptions): Promise<RunningAgent> {
  const onFatal = (error: unknown): void => exitFatally(logger, error);
  const workDirectory = resolve(flags["work-dir"]);
  let driver: Driver<AgentInput> | undefined;
  const verboseLog = createVerboseLog(logger);
  const dispatch = (input: AgentInput): void => {
    verboseLog.input(input);
    assertDefined(driver, "driver").dispatch(input);
  };

  // First of all: its lock keeps a second agent away from the containers.
  const store = await createStore({ kind: "sqlite", directory: workDirectory, fileName: "checkpoint.db", format: checkpointFormat });
  const { records, checkpoint } = await openCheckpoint(store, dispatch);
  let self: AgentSelf | undefined;
  const executors = createExecutorService({ dispatch, self: () => assertDefined(self, "self") });
  const observed = createObservation(flags, { logger, onFatal });
  const grpc = createGrpcServer({ services: [executors.service, observed.operatorService], descriptors: await readDescriptors(), onFatal });
  const httpPort = await observed.http.listen({ host: flags.ip, port: flags["http-port"], flag: "--http-port" });
  const grpcPort = await grpc.listen({ host: flags.ip, port: flags.port, flag: "--port" });

  const resources = completeResources(flags.resources, { workDirectory, created: createdIn(records) });
  checkDisks(resources, { workDirectory, mountPoints: readMountPoints() });
  const listener = (event: ContainerEvent): void => {
    dispatch(event);
    if (event.kind === "allContainersKilled") logger.info({ alive: event.alive }, "killed everything underneath");
  };
  const keeper = inWorkDirectory(workDirectory, () => openSandboxes({ workDirectory, flags, logger, onFatal }));
  const ofContainers = { ...containerFlags(flags), workDirectory, listener, sandboxes: keeper.sandboxes };
  const containers = inWorkDirectory(workDirectory, () => new ProcessRuntime(ofContainers));
  const ownSelf = describeSelf(flags, resources, grpcPort);
  self = ownSelf;
  const master = createMasterClient(ownSelf, dispatch);
  const core = createAgent(toConfig(flags, resources, grpcPort));
  // A throw out of a timer reaches `exitOnUncaught`: an agent whose books do not agree must not go on.
  setInterval(() => core.checkInvariants(), invariantsIntervalMs).unref();
  const perform = createPerform({
    containers,
    volumes: createVolumes(workDirectory),
    checks: createCheckRunner(containers, dispatch),
    checkpoint,
    master,
    executors,
    logger,
    exit: onExit,
  });
  driver = createDriver({
    core,
    tick: { kind: "tick" },
    clock: systemClock,
    perform: (effect) => {
      verboseLog.effect(effect);
      perform(effect);
    },
    afterTurn: master.flush,
    onFatal,
  });
  dispatch({ kind: "recovered", records, containers: inWorkDirectory(workDirectory, () => containers.recover()) });
  keeper.start();
  observed.start({ core, self: ownSelf, containers, sandboxes: keeper });
  dispatch({ kind: "leaderDetected", leader: flags.master });
  grpc.setServing(true);
  logger.info({ grpcPort, httpPort, workDirectory, containment: containers.usesCgroups ? "cgroups" : "process scan" }, "listening");

  return {
    drainNow: () => dispatch({ kind: "drainNow" }),
    stop: async () => {
      driver.stop();
      containers.close();
      keeper.close();
      observed.close();
      master.closeAll();
      executors.closeAll({ code: "UNAVAILABLE", message: "the agent ends" });
      grpc.setServing(false);
      await Promise.all([grpc.close(), observed.http.close(), store.close()]);
    },
  };
}

/** What the flags say of containers. */
function containerFlags(flags: AgentFlags): Pick<ProcessRuntimeOptions, "useCgroups" | "isolation" | "switchUser" | "fetcher"> {
  return {
    useCgroups: flags.cgroups === "auto",
    isolation: { controllers: controllersFor(flags.isolation), enforcesDisk: flags.isolation.includes("disk") },
    switchUser: flags["switch-user"],
    fetcher: { cacheMaxBytes: flags["fetcher-cache-size"], stallTimeoutMs: flags["fetcher-stall-timeout"] },
  };
}

function controllersFor(isolation: AgentFlags["isolation"]): readonly ControllerName[] {
  const names = { cpu: ["cpu"], mem: ["memory"], disk: [] } as const satisfies Record<Isolator, readonly ControllerName[]>;
  return isolation.flatMap((isolator) => names[isolator]);
}

/** What operations made of the resources of earlier agents here. */
function createdIn(records: readonly CheckpointRecord[]): Resources {
  return records.find((one) => one.kind === "resources")?.created ?? [];
}

function describeSelf(flags: AgentFlags, own: Resources, port: number): AgentSelf {
  const resources = writeResources(own, "stack");
  const attributes = writeAttributes(flags.attributes.attributes);
  const domain = flags.domain && writeFaultDomain(flags.domain);
  const capabilities = agentCapabilities({ limitsTasks: flags.isolation.includes("cpu") && flags.isolation.includes("mem") });
  return { info: AgentInfo.fromPartial({ hostname: flags.hostname, port, resources, attributes, domain }), version, capabilities };
}

function givenBy({ hostname, port, domain, attributes, resources }: AgentFlags): AgentConfiguration {
  return {
    hostname,
    port: port === 0 ? undefined : port,
    domain,
    attributes: attributes.attributes,
    resources: resources.resources,
  };
}

function toConfig(flags: AgentFlags, resources: Resources, port: number): AgentConfig {
  return {
    seed: randomUUID(),
    newCredential: Uuid(randomBytes(16).toString("hex")),
    resources,
    given: givenBy(flags),
    reconfigurationPolicy: flags["reconfiguration-policy"],
    bootId: readBootId(),
    registrationBackoffMs: flags["registration-backoff"],
    registrationBackoffMaxMs: flags["registration-backoff-max"],
    pingTimeoutMs: agentDefaults.pingTimeoutMs,
    updateRetryMinMs: flags["update-retry-min"],
    updateRetryMaxMs: flags["update-retry-max"],
    drainNowTimeoutMs: flags["drain-now-timeout"],
    executorEndpoint: formatAddress(loopbackOf(flags.ip), port),
    executorRegistrationTimeoutMs: flags["executor-registration-timeout"],
    executorReregistrationTimeoutMs: flags["executor-reregistration-timeout"],
    executorShutdownGraceMs: flags["executor-shutdown-grace-period"],
    executorRecoveryTimeoutMs: flags["recovery-timeout"],
    executorHeartbeatMs: agentDefaults.executorHeartbeatMs,
  };
}

/** Executors run on this machine: an agent that listens on every address is reached by the loopback one. */
function loopbackOf(ip: string): string {
  return ip === "0.0.0.0" ? "127.0.0.1" : ip === "::" ? "::1" : ip;
}

/** For reflection; `npm run gen` writes the file, a bundle keeps it at the same place beside the program. */
function readDescriptors(): Promise<Buffer> {
  return readFile(new URL("../protos/gen/descriptors.binpb", import.meta.url));
}
