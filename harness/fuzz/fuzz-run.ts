/**
 * One run of the fuzzer: a seed, a fresh cluster, so many cases. A case that breaks something is shrunk to a smaller one
 * that still does; a cluster that was broken is replaced by a fresh one on the way.
 */

import fc from "fast-check";
import { judge } from "../checkers/judge.ts";
import type { ClusterTimings, HistoryEvent } from "../history/event.ts";
import type { NodeEnvironment } from "../processes/process-host.ts";
import type { RunVerdict } from "../run.ts";
import { fuzzCases } from "./fuzz-case.ts";
import { FuzzCluster, type FuzzFinding, readFuzzSchema } from "./fuzz-cluster.ts";
import type { FuzzSchema } from "./message-schema.ts";

/** Guarantees that hold for the bystander and the nodes, whatever the fuzzer does; others speak of what the history does not have. */
const guarantees: ReadonlySet<string> = new Set(["S11", "S12", "S13", "S14", "S16", "S17", "S19", "S20", "S46", "S47"]);

/** How long a failure is shrunk as a rule. */
const usualShrinkMaxMs = 60_000;

export interface FuzzRunOptions {
  readonly seed: number;
  readonly cases: number;
  /** No case begins after this. */
  readonly timeLimitMs: number;
  /** How long a failure is shrunk; 0 leaves it as it was found. Absent for a minute. */
  readonly shrinkMaxMs?: number;
  /** Makes a folder for the files of a cluster. */
  readonly newFolder: () => string;
  readonly timings: ClusterTimings;
  readonly nodes?: NodeEnvironment;
}

export interface FuzzFailure extends FuzzFinding {
  /** "tepui.v1.Scheduler/Call" */
  readonly rpc: string;
  readonly node: string;
  readonly streamId: string;
}

export interface FuzzRunResult {
  readonly verdict: RunVerdict;
  /** Why it is not a pass, one line each. */
  readonly reasons: readonly string[];
  readonly failure: FuzzFailure | undefined;
  /** Cases that were sent before the first failure. */
  readonly caseCount: number;
  /** Tasks of the bystander that ended as they should. */
  readonly steadyCount: number;
  /** Updates that said of a task of a fuzzed call that it runs. */
  readonly runningCount: number;
  /** A planted bug said that it acted. */
  readonly hasMarker: boolean;
  /** How often each service answered each status. */
  readonly statusCounts: ReadonlyMap<string, number>;
}

/** Does a run to its verdict. Never rejects: a failure of the harness is a verdict, and never a pass. */
export async function runFuzz(options: FuzzRunOptions): Promise<FuzzRunResult> {
  const run = new FuzzRun(options);
  try {
    return await run.toVerdict();
  } catch (error) {
    return run.conclude("harness-error", [`harness error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]);
  } finally {
    await run.end();
  }
}

class FuzzRun {
  readonly #options: FuzzRunOptions;
  readonly #schema: FuzzSchema = readFuzzSchema();
  #cluster: FuzzCluster | undefined;
  #failure: FuzzFailure | undefined;
  #failedAtMs = 0;
  #caseCount = 0;
  #hasMarker = false;

  constructor(options: FuzzRunOptions) {
    this.#options = options;
  }

  async toVerdict(): Promise<FuzzRunResult> {
    const { seed, cases, timeLimitMs } = this.#options;
    let cluster = await this.#boot();
    let harnessError: unknown;
    const property = fc.asyncProperty(fuzzCases(this.#schema), async (fuzzCase) => {
      if (harnessError !== undefined || this.#hasShrunkLong()) return;
      try {
        if (this.#failure === undefined) this.#caseCount++;
        const finding = await cluster.attempt(fuzzCase);
        if (finding === undefined) return;
        const { rpc, node, streamId } = fuzzCase;
        if (this.#failure === undefined) this.#failedAtMs = performance.now();
        this.#noticeMarker();
        this.#failure = { ...finding, rpc: `${rpc.service}/${rpc.method}`, node, streamId };
        cluster = await this.#boot();
      } catch (error) {
        harnessError = error;
        return;
      }
      throw new Error(this.#failure.problem);
    });
    await fc.check(property, { seed, numRuns: cases, interruptAfterTimeLimit: timeLimitMs, markInterruptAsFailure: false });
    if (harnessError !== undefined) throw harnessError;
    if (this.#failure !== undefined) return this.conclude("fail", [this.#failure.problem]);
    const problem = await cluster.finish();
    this.#noticeMarker();
    const broken = problem === undefined ? brokenGuarantees(cluster.recorder.events) : [problem];
    return this.conclude(broken.length > 0 ? "fail" : this.#caseCount === 0 ? "unknown" : "pass", broken);
  }

  conclude(verdict: RunVerdict, reasons: readonly string[]): FuzzRunResult {
    return {
      verdict,
      reasons,
      failure: this.#failure,
      caseCount: this.#caseCount,
      steadyCount: this.#cluster?.steadyCount ?? 0,
      runningCount: this.#cluster?.runningCount ?? 0,
      hasMarker: this.#hasMarker,
      statusCounts: this.#cluster?.statusCounts ?? new Map(),
    };
  }

  async end(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.[Symbol.asyncDispose]();
  }

  #hasShrunkLong(): boolean {
    return this.#failure !== undefined && performance.now() - this.#failedAtMs > (this.#options.shrinkMaxMs ?? usualShrinkMaxMs);
  }

  #noticeMarker(): void {
    this.#hasMarker ||= this.#cluster?.recorder.events.some((event) => event.kind === "marker") ?? false;
  }

  async #boot(): Promise<FuzzCluster> {
    await this.end();
    const { seed, timings, newFolder, nodes = {} } = this.#options;
    this.#cluster = await FuzzCluster.boot({ seed, timings, folder: newFolder(), nodes }, this.#schema);
    return this.#cluster;
  }
}

function brokenGuarantees(events: readonly HistoryEvent[]): string[] {
  return judge(events).results.flatMap(({ id, title, verdict }) =>
    guarantees.has(id) && verdict.kind === "fail" ? [`${id} ${title}: ${verdict.message}`] : [],
  );
}
