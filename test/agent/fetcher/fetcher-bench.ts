/** A fetcher, a sandbox and a web server for one test. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CommandUri } from "../../../agent/core/command-description.ts";
import { fetchLimits } from "../../../agent/fetcher/fetch-limits.ts";
import { Fetcher, type FetcherOptions } from "../../../agent/fetcher/fetcher.ts";
import { FileServer } from "./file-server.ts";

export class FetcherBench {
  readonly folder = mkdtempSync(join(tmpdir(), "tepui-fetcher-"));
  readonly server = new FileServer();
  readonly cacheFolder = join(this.folder, "cache");
  fetcher = this.open();
  #sandboxes = 0;

  open(options: Partial<FetcherOptions> = {}): Fetcher {
    this.fetcher = new Fetcher({
      cacheFolder: this.cacheFolder,
      cacheMaxBytes: 1_000_000,
      stallTimeoutMs: 10_000,
      limits: fetchLimits,
      ...options,
    });
    return this.fetcher;
  }

  /** An empty one. */
  sandbox(): string {
    const folder = join(this.folder, `sandbox-${++this.#sandboxes}`);
    mkdirSync(folder);
    return folder;
  }

  /** Into a sandbox of its own where none is named; answers the folder. */
  async fetch(
    uris: readonly (string | (Partial<CommandUri> & { value: string }))[],
    {
      folder = this.sandbox(),
      userName = "alice",
      signal = new AbortController().signal,
    }: { folder?: string; userName?: string; signal?: AbortSignal } = {},
  ): Promise<string> {
    const usual = { executable: false, extract: true, cache: false, outputFile: undefined };
    await this.fetcher.fetch({
      uris: uris.map((uri) => ({ ...usual, ...(typeof uri === "string" ? { value: uri } : uri) })),
      folder,
      reserved: ["stdout"],
      userName,
      switchUser: [],
      signal,
    });
    return folder;
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
