/** The sandboxes of an agent, and who looks after them: what flags say of them comes together here. */

import { realpathSync } from "node:fs";

import type { Logger } from "../runtime/logger.ts";
import { OutputRotation } from "./containers/output-rotation.ts";
import { type CollectorFigures, SandboxCollector } from "./containers/sandbox-collector.ts";
import { Sandboxes } from "./containers/sandboxes.ts";
import type { AgentFlags } from "./flags.ts";

export interface SandboxOptions {
  /** Absolute. */
  readonly workDirectory: string;
  readonly flags: AgentFlags;
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
}

export interface SandboxFigures extends CollectorFigures {
  /** Output files that were cut. */
  readonly cutCount: number;
}

export interface OpenSandboxes {
  /** The work directory, absolute and without links. */
  readonly folder: string;
  readonly sandboxes: Sandboxes;
  figures(): SandboxFigures;
  /** Once the containers of an earlier agent are known. */
  start(): void;
  close(): void;
}

/** Throws what the file system throws. */
export function openSandboxes({ workDirectory, flags, logger, onFatal }: SandboxOptions): OpenSandboxes {
  const folder = realpathSync(workDirectory);
  const collector = new SandboxCollector({
    workDirectory: folder,
    gcDelayMs: flags["gc-delay"],
    headroom: flags["gc-disk-headroom"],
    intervalMs: flags["disk-watch-interval"],
    logger,
    onFatal,
  });
  const sandboxes = new Sandboxes(folder, (ended) => collector.ended(ended));
  const maxBytes = flags["sandbox-log-max-bytes"];
  const rotation = new OutputRotation({
    limits: { maxBytes, filesMax: flags["sandbox-log-files"] },
    intervalMs: flags["sandbox-log-interval"],
    folders: () => sandboxes.folders(),
    logger,
    onFatal,
  });
  return {
    folder,
    sandboxes,
    figures: () => ({ ...collector.figures, cutCount: rotation.rotatedCount }),
    start: () => {
      collector.start((run) => sandboxes.claim(run));
      if (maxBytes > 0) rotation.start();
    },
    close: () => {
      collector.close();
      rotation.close();
    },
  };
}
