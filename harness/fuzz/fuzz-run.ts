/**
 * One run of the fuzzer: a seed, a fresh cluster, so many cases. A case that breaks something is shrunk to a smaller one
 * that still does; a cluster that was broken is replaced by a fresh one on the way.
 */

import fc from "fast-check";
import { checkers } from "../checkers/catalog.ts";
import { judge } from "../checkers/judge.ts";
import type { ClusterTimings, HistoryEvent } from "../history/event.ts";
import { describeJitter, measureJitter } from "../history/stalls.ts";
import type { NodeEnvironment } from "../processes/process-host.ts";
import type { RunVerdict } from "../run.ts";
import { slowMachineProblem } from "../slow-machine.ts";
import { type FuzzCase, fuzzCases } from "./fuzz-case.ts";
import { FuzzCluster, type FuzzFinding, readFuzzSchema } from "./fuzz-cluster.ts";
import type { FuzzSchema } from "./message-schema.ts";
import { comesBack, isCertain } from "./repetition.ts";

/** Guarantees that hold for the bystander and the nodes, whatever the fuzzer does; others speak of what the history does not have. */
const guarantees: ReadonlySet<string> = new Set(["S11", "S12", "S13", "S14", "S16", "S17", "S19", "S20", "S46", "S47"]);

/** So many cases before a doubtful one are sent again with it, should it need what they left behind. */
const repeatedCasesMax = 200;

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
  /** The last cases until the first failure, that one included. */
  readonly #cases: FuzzCase[] = [];
  /** The smallest case that failed. */
  #failedCase: FuzzCase | undefined;
  /** What the machine did while the cluster stood that failed last. */
  #machine = "";
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
        if (this.#failure === undefined) this.#count(fuzzCase);
        const finding = await cluster.attempt(fuzzCase);
        if (finding === undefined) return;
        const { rpc, node, streamId } = fuzzCase;
        if (this.#failure === undefined) this.#failedAtMs = performance.now();
        this.#noticeMarker();
        this.#noticeMachine();
        this.#failedCase = fuzzCase;
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
    if (this.#failure !== undefined) return this.#concludeFailure(this.#failure);
    const problem = await cluster.finish();
    this.#noticeMarker();
    if (problem !== undefined) return this.conclude("fail", [problem]);
    const { broken, tooSlow } = judgeGuarantees(cluster.recorder.events);
    if (broken.length > 0) return this.conclude("fail", broken);
    return this.conclude(this.#caseCount === 0 || tooSlow.length > 0 ? "unknown" : "pass", tooSlow);
  }

  /** The smallest case is sent once more, and then the first case that failed with the last ones before it. */
  async #concludeFailure({ kind, problem }: FuzzFailure): Promise<FuzzRunResult> {
    const alone = this.#failedCase === undefined ? [] : [this.#failedCase];
    if (isCertain(kind) || (await comesBack(kind, [alone, this.#cases], () => this.#boot()))) return this.conclude("fail", [problem]);
    return this.conclude("unknown", [`seen once, and not again on a fresh cluster: ${problem}`, `the machine meanwhile: ${this.#machine}`]);
  }

  #count(fuzzCase: FuzzCase): void {
    this.#caseCount++;
    this.#cases.push(fuzzCase);
    if (this.#cases.length > repeatedCasesMax) this.#cases.shift();
  }

  #noticeMachine(): void {
    const jitter = measureJitter(this.#cluster?.recorder.events ?? []);
    this.#machine = jitter === undefined ? "fast enough at all times" : describeJitter(jitter);
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

/** What the bystander's history shows: what is broken, and what the machine was too slow to decide. One line each. */
function judgeGuarantees(events: readonly HistoryEvent[]): { readonly broken: readonly string[]; readonly tooSlow: readonly string[] } {
  const wanted = checkers.filter(({ id }) => guarantees.has(id));
  const judgement = judge(events, wanted);
  const broken = judgement.results.flatMap(({ id, title, verdict }) =>
    verdict.kind === "fail" ? [`${id} ${title}: ${verdict.message}`] : [],
  );
  const problem = slowMachineProblem(events, { judgement, checkers: wanted });
  return { broken, tooSlow: problem === undefined ? [] : [problem] };
}
