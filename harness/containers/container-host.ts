/**
 * Runs the nodes of a cluster in containers of one private network. A master is the first process of its container; an
 * agent runs under a small init, so that its tasks outlive it.
 */

import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import Docker from "dockerode";
import type { Plugin } from "esbuild";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import type { Capability, NodeSignal } from "../cluster.ts";
import { freePort } from "../grpc/free-port.ts";
import type { NodeEvents, NodeHost, NodeSpec } from "../grpc/node-host.ts";
import type { NodeName } from "../history/event.ts";
import { killTaskProcesses } from "../ledger/task-processes.ts";
import { agentExitedLine } from "./agent-init.ts";
import { buildImage } from "./image.ts";
import { ownerLabels, removeContainer, removeLeftovers } from "./leftovers.ts";

const masterPort = 6050;
const agentPort = 6051;
const workDir = "/var/lib/tepui/work";

/** How signals reach an agent through its init. */
const initSignals = { SIGUSR1: "SIGUSR1", SIGTERM: "SIGTERM", SIGKILL: "SIGUSR2" } as const satisfies Record<NodeSignal, string>;

export interface ContainerHostOptions {
  /** Logs and ledgers go here. */
  readonly folder: string;
  /** Scratch space for building the image; kept between runs. */
  readonly imageFolder: string;
  /** Change sources while they are bundled: how a planted bug gets in. */
  readonly plugins?: readonly Plugin[];
}

/** What a node says once it serves. */
const listeningPattern = /"msg":"(listening|leading)"/;

interface Place {
  readonly container: StartedTestContainer;
  readonly kind: NodeSpec["kind"];
  readonly log: WriteStream;
  /** Of the node's process on this machine; 0 while it is not known. */
  pid: number;
  events: NodeEvents;
}

export class ContainerHost implements NodeHost {
  readonly tier = "containers";
  readonly capabilities: ReadonlySet<Capability> = new Set(["signal", "pause", "restart", "cut-link"]);
  readonly ledgerFolder: string;
  readonly ledgerFolderInTask: string;
  readonly #options: ContainerHostOptions;
  readonly #docker = new Docker();
  readonly #places = new Map<NodeName, Place>();
  /** Nodes that Docker showed without a network. */
  readonly #cut = new Set<NodeName>();
  #network: Docker.Network | undefined;
  readonly #networkName = `tepui-${process.pid}-${Date.now().toString(36)}`;
  #image = "";
  /** Fixed, because Docker would choose another one each time the master's container starts again. */
  #hostPort = 0;

  constructor(options: ContainerHostOptions) {
    this.#options = options;
    this.ledgerFolder = join(options.folder, "ledger");
    // Another one for each run: the harness sees the processes of all containers, and finds its own by this name.
    this.ledgerFolderInTask = `/ledger-${process.pid}-${Date.now().toString(36)}`;
  }

  async prepare(): Promise<void> {
    // The reaper that testcontainers would start comes from a registry; this host cleans up by label instead.
    process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
    mkdirSync(this.ledgerFolder, { recursive: true });
    await removeLeftovers(this.#docker);
    this.#image = (await buildImage(this.#docker, this.#options.imageFolder, this.#options.plugins)).name;
    this.#network = await this.#docker.createNetwork({ Name: this.#networkName, Driver: "bridge", Labels: ownerLabels() });
    this.#hostPort = await freePort();
  }

  async start(spec: NodeSpec, events: NodeEvents): Promise<void> {
    const place = this.#places.get(spec.node);
    if (place !== undefined) {
      place.events = events;
      if (place.kind === "agent") await this.#container(spec.node).kill({ signal: "SIGHUP" });
      else {
        await this.#container(spec.node).start();
        await this.#follow(spec.node, place);
      }
      return;
    }
    const log = createWriteStream(join(this.#options.folder, `${spec.node}.log`), { flags: "a" });
    const container = await this.#define(spec).start();
    const made: Place = { container, kind: spec.kind, log, pid: 0, events };
    this.#places.set(spec.node, made);
    await this.#follow(spec.node, made);
  }

  async signal(node: NodeName, signal: NodeSignal): Promise<void> {
    const isAgent = this.#place(node).kind === "agent";
    await this.#container(node).kill({ signal: isAgent ? initSignals[signal] : signal });
  }

  pids(): readonly { readonly node: NodeName; readonly pid: number }[] {
    return [...this.#places].flatMap(([node, { pid }]) => (pid === 0 ? [] : [{ node, pid }]));
  }

  async pause(node: NodeName): Promise<void> {
    await this.#container(node).pause();
  }

  async resume(node: NodeName): Promise<void> {
    await this.#container(node).unpause();
  }

  async cut(node: NodeName): Promise<void> {
    await this.#networkOf().disconnect({ Container: this.#place(node).container.getId(), Force: true });
    const { Networks } = (await this.#container(node).inspect()).NetworkSettings;
    const id = this.#network?.id;
    if (Object.values(Networks).every((network) => network.NetworkID !== id)) this.#cut.add(node);
  }

  async heal(node: NodeName): Promise<void> {
    const EndpointConfig = { Aliases: [node] };
    await this.#networkOf().connect({ Container: this.#place(node).container.getId(), EndpointConfig });
    this.#cut.delete(node);
  }

  cutEvidence(node: NodeName): string | undefined {
    return this.#cut.has(node) ? "Docker shows the container off the cluster's network" : undefined;
  }

  dropConnections(): Promise<void> {
    return Promise.reject(new Error("containers have no proxy between them whose connections could be dropped"));
  }

  masterAddress(): string {
    return `${this.#place("master-1").container.getHost()}:${this.#hostPort}`;
  }

  schedulerAddress(): string {
    return this.masterAddress();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ container }) => removeContainer(this.#docker, container.getId())));
    for (const { log } of this.#places.values()) log.end();
    this.#places.clear();
    await this.#network?.remove();
    await killTaskProcesses(this.ledgerFolderInTask);
  }

  #define(spec: NodeSpec): GenericContainer {
    const { node, kind, flags } = spec;
    const place = [
      "--ip",
      "0.0.0.0",
      "--port",
      String(kind === "master" ? masterPort : agentPort),
      "--http-port",
      "0",
      "--hostname",
      node,
      "--work-dir",
      workDir,
    ];
    const program = `/app/lib/bundle/${kind}.mjs`;
    const definition = new GenericContainer(this.#image)
      .withNetworkMode(this.#networkName)
      .withNetworkAliases(node)
      .withLabels(ownerLabels())
      .withWaitStrategy(Wait.forLogMessage(listeningPattern))
      .withCommand(
        kind === "master"
          ? ["node", program, ...place, ...flags]
          : ["/app/agent-init", "node", program, ...place, "--master", `master-1:${masterPort}`, ...flags],
      );
    if (kind === "master") return definition.withExposedPorts({ container: masterPort, host: this.#hostPort });
    return definition.withBindMounts([{ source: this.ledgerFolder, target: this.ledgerFolderInTask }]);
  }

  /** Reads the container's log from its present start on, and reports the end of the node's process. */
  async #follow(node: NodeName, place: Place): Promise<void> {
    const container = this.#container(node);
    const startedAt = (await container.inspect()).State.StartedAt;
    const since = Math.floor(Date.parse(startedAt) / 1000);
    const stream = await container.logs({ follow: true, stdout: true, stderr: true, since });
    const text = new PassThrough();
    container.modem.demuxStream(stream, text, text);
    stream.on("end", () => text.end());
    createInterface({ input: text }).on("line", (line) => {
      place.log.write(`${line}\n`);
      if (listeningPattern.test(line)) void this.#findPid(node, place);
      if (place.kind === "agent" && line.startsWith(agentExitedLine)) reportExit(place, Number(line.slice(agentExitedLine.length)));
      else place.events.logLine(line);
    });
    if (place.kind === "agent") return;
    // Resolves when the container stops; it may be removed meanwhile, which is no news.
    container.wait().then(
      ({ StatusCode }: { StatusCode: number }) => reportExit(place, StatusCode),
      () => undefined,
    );
  }

  /** Who the node is among the processes of this machine, which Docker shows; an agent is not the first of its container. */
  async #findPid(node: NodeName, place: Place): Promise<void> {
    place.pid = 0;
    try {
      const { Titles, Processes }: { Titles: string[]; Processes: string[][] } = await this.#container(node).top();
      const found = Processes.find((row) => row.at(-1)?.startsWith("node ") === true);
      place.pid = Number(found?.[Titles.indexOf("PID")] ?? 0);
    } catch {
      // It ended meanwhile. Its waits are not measured then.
    }
  }

  #place(node: NodeName): Place {
    const place = this.#places.get(node);
    if (place === undefined) throw new RangeError(`${node} has no container; it has not been started`);
    return place;
  }

  #container(node: NodeName): Docker.Container {
    return this.#docker.getContainer(this.#place(node).container.getId());
  }

  #networkOf(): Docker.Network {
    if (this.#network === undefined) throw new Error("the containers' network does not exist; was the cluster prepared?");
    return this.#network;
  }
}

/** Exit statuses above 128 are a shell's and Docker's way to name a signal. */
function reportExit(place: Place, status: number): void {
  if (status > 128 && status < 160) place.events.exited(undefined, signalNames[status - 128] ?? `signal ${status - 128}`);
  else place.events.exited(status, undefined);
}

const signalNames: Readonly<Record<number, string>> = { 9: "SIGKILL", 10: "SIGUSR1", 15: "SIGTERM" };
