/** Makes a cluster of each kind, with or without a planted bug. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterOptions, Tier } from "../harness/cluster.ts";
import { ContainerHost } from "../harness/containers/container-host.ts";
import { RealCluster } from "../harness/grpc/real-cluster.ts";
import type { RunOptions } from "../harness/options.ts";
import { type NodeEnvironment, ProcessHost } from "../harness/processes/process-host.ts";
import type { RunnableCluster } from "../harness/run.ts";
import { mutantPlugin } from "./mutants/bundle-plugin.ts";
import { type Mutant, mutantVariable } from "./mutants/mutant.ts";
import { simulatedCluster } from "./simulated.ts";

const projectFolder = fileURLToPath(new URL("..", import.meta.url));

export interface ClusterPlace {
  /** Logs, ledgers and work directories of this run. */
  readonly folder: string;
  /** Planted into real nodes; a simulated cluster has it when this process has it. */
  readonly mutant?: Mutant | undefined;
}

/** How a run of this tier gets its cluster. */
export function clusterFactory(tier: Tier, place: ClusterPlace): (options: ClusterOptions, run: RunOptions) => RunnableCluster {
  switch (tier) {
    case "sim":
      return simulatedCluster;
    case "processes":
      return (options) => realCluster(options, new ProcessHost({ folder: place.folder, ...nodeMutant(place.mutant) }));
    case "containers": {
      const plugins = place.mutant === undefined ? [] : [mutantPlugin(place.mutant)];
      const imageFolder = join(projectFolder, ".tepui/image");
      return (options) => realCluster(options, new ContainerHost({ folder: place.folder, imageFolder, plugins }));
    }
  }
}

function realCluster(options: ClusterOptions, host: ProcessHost | ContainerHost): RunnableCluster {
  const startMs = performance.now();
  return new RealCluster(host, options, () => performance.now() - startMs).endOnSignal();
}

/** What plants a bug into the processes of real nodes. */
export function nodeMutant(mutant: Mutant | undefined): NodeEnvironment {
  if (mutant === undefined) return {};
  return { nodeOptions: ["--import", join(projectFolder, "chaos/mutants/register.ts")], environment: { [mutantVariable]: mutant.id } };
}

/** A fresh folder for one run's files. */
export function runFolder(suite: string, tier: Tier, seed: number): string {
  const folder = join(projectFolder, "out", `${suite}-${tier}-${seed}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
