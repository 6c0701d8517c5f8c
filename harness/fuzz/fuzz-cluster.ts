/**
 * One master and one agent as processes, the fuzzer's own framework and a well-behaved one beside it. `attempt` sends one
 * case and answers what it has broken: a node that ended or hangs, a status that is not documented, a refused call with
 * an effect, a harm to the bystander.
 */

import { readFileSync } from "node:fs";
import { type StatusCode, statusCodes } from "../../common/status-code.ts";
import { Response_GetState } from "../../protos/gen/mesos/v1/master/master.ts";
import { CallResult } from "../../protos/gen/tepui/v1/scheduler_service.ts";
import { RealCluster } from "../grpc/real-cluster.ts";
import type { ClusterTimings } from "../history/event.ts";
import { Recorder } from "../history/recorder.ts";
import { type NodeEnvironment, ProcessHost } from "../processes/process-host.ts";
import { isDocumentedStatus, resultRpc } from "./documented-statuses.ts";
import { encodeMessage, type FuzzCase, printMessage } from "./fuzz-case.ts";
import { FuzzScheduler } from "./fuzz-scheduler.ts";
import { LearntValues } from "./learnt-values.ts";
import { type FuzzSchema, readSchema } from "./message-schema.ts";
import type { Learnt, Resolve } from "./message-tree.ts";
import { type Outcome, RawClient } from "./raw-client.ts";
import { type Facts, findEffects, readFacts } from "./refusal-effects.ts";
import { SteadyFramework } from "./steady-framework.ts";

const schedulerService = "tepui.v1.Scheduler";
const getStatePath = "/tepui.v1.MasterOperator/GetState";

/** Offers are given back so often that the bystander is not starved, and so seldom that there are some. */
const declineEveryMs = 700;

/** A crash takes a moment to be seen. */
const exitNoticeMs = 300;

export interface FuzzClusterOptions {
  readonly seed: number;
  /** Logs and work directories. */
  readonly folder: string;
  readonly timings: ClusterTimings;
  readonly nodes: NodeEnvironment;
}

/** What is wrong: a node ended, the answer itself, no answer, a refused call changed something, the bystander, GetState has no answer. */
export type FuzzFindingKind = "crash" | "answer" | "hang" | "effect" | "bystander" | "silence";

/** What an attempt has broken, and with which bytes. */
export interface FuzzFinding {
  readonly problem: string;
  readonly kind: FuzzFindingKind;
  /** The messages as they were sent. */
  readonly messages: readonly { readonly text: string; readonly bytes: Uint8Array }[];
}

type Harm = Pick<FuzzFinding, "kind" | "problem">;

/** Undefined where the leader did not answer. */
interface Looks {
  readonly before: Facts | undefined;
  readonly after: Facts | undefined;
}

export function readFuzzSchema(): FuzzSchema {
  return readSchema(readFileSync(new URL("../../protos/gen/descriptors.binpb", import.meta.url)));
}

export class FuzzCluster implements AsyncDisposable {
  readonly recorder: Recorder;
  /** Answers by service and status, for the report. */
  readonly statusCounts = new Map<string, number>();
  readonly #cluster: RealCluster;
  readonly #learnt: LearntValues;
  readonly #clients: Readonly<Record<FuzzCase["node"], RawClient>>;
  readonly #scheduler: FuzzScheduler;
  readonly #steady: SteadyFramework;
  readonly #agentId: string;
  #facts: Facts | undefined;
  #declinedAtMs = 0;

  private constructor(parts: { cluster: RealCluster; recorder: Recorder; host: ProcessHost; schema: FuzzSchema }) {
    this.#cluster = parts.cluster;
    this.recorder = parts.recorder;
    this.#learnt = new LearntValues(parts.schema);
    this.#clients = {
      master: new RawClient(parts.host.nodeAddress("master-1")),
      agent: new RawClient(parts.host.nodeAddress("agent-1")),
    };
    const registered = parts.recorder.events.find((event) => event.kind === "agentRegistered");
    this.#agentId = registered?.kind === "agentRegistered" ? registered.agentId : "";
    this.#scheduler = new FuzzScheduler(this.#clients.master, this.#learnt);
    this.#steady = new SteadyFramework(parts.cluster, parts.recorder, this.#agentId);
  }

  static async boot(options: FuzzClusterOptions, schema: FuzzSchema): Promise<FuzzCluster> {
    const startMs = performance.now();
    const nowMs = (): number => performance.now() - startMs;
    const recorder = new Recorder(nowMs);
    const { seed, timings, folder, nodes } = options;
    recorder.record({ kind: "run", seed, tier: "processes", suite: "fuzz", timings });
    const host = new ProcessHost({ folder, ...nodes });
    const cluster = new RealCluster(host, { seed, masterCount: 1, agentCount: 1, timings, recorder }, nowMs).endOnSignal();
    try {
      await cluster.boot();
      const fuzzCluster = new FuzzCluster({ cluster, recorder, host, schema });
      await fuzzCluster.#steady.ready();
      return fuzzCluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get steadyCount(): number {
    return this.#steady.finishedCount;
  }

  get runningCount(): number {
    return this.#scheduler.runningCount;
  }

  /** Sends one case. Undefined: nothing is broken. */
  async attempt(fuzzCase: FuzzCase): Promise<FuzzFinding | undefined> {
    if (await this.#scheduler.ensureSubscribed()) this.#facts = undefined;
    if (this.#cluster.nowMs() - this.#declinedAtMs >= declineEveryMs) {
      this.#declinedAtMs = this.#cluster.nowMs();
      await this.#scheduler.declineAll();
      this.#facts = undefined;
    }
    const before = this.#facts ?? (await this.#look());
    const { outcome, messages } = await this.#send(fuzzCase);
    const after = await this.#look();
    this.#facts = after;
    const harm = this.#judge(fuzzCase, outcome) ?? this.#findHarm(fuzzCase, outcome, { before, after }) ?? this.#findSuffering();
    if (harm === undefined && before !== undefined && after !== undefined) return undefined;
    const crash = await this.#findCrash();
    if (crash !== undefined) return { kind: "crash", problem: crash, messages };
    return { ...(harm ?? { kind: "silence", problem: "the leader does not answer GetState" }), messages };
  }

  /** Lets the bystander come to its end, and looks at both nodes once more. */
  async finish(): Promise<string | undefined> {
    await this.#scheduler.declineAll();
    const problem = await this.#steady.finish();
    return (await this.#findCrash()) ?? problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#scheduler.close();
    for (const client of Object.values(this.#clients)) client.close();
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #send(fuzzCase: FuzzCase): Promise<{ readonly outcome: Outcome; readonly messages: FuzzFinding["messages"] }> {
    const { rpc } = fuzzCase;
    // A call of a subscribed framework is refused if it is not about itself; every other peer may only speak of its own.
    const isCall = rpc.service === schedulerService && rpc.method !== "Subscribe";
    const messages: { text: string; bytes: Uint8Array }[] = [];
    const encoders = fuzzCase.messages.map((message) => () => {
      const resolve = remember(this.#learnt.resolver(isCall ? undefined : new Set([this.#agentId])));
      const bytes = encodeMessage(message, resolve);
      messages.push({ text: printMessage(message, resolve), bytes });
      return bytes;
    });
    const outcome = await this.#clients[fuzzCase.node].send(rpc, this.#streamIdOf(fuzzCase), encoders);
    const isOwn = rpc.service === schedulerService || rpc.service === "tepui.v1.AgentLink";
    for (const answer of outcome.answers) {
      this.#learnt.learn(rpc.output, answer, isOwn);
      if (isCall || rpc.service !== schedulerService) continue;
      const frameworkId = this.#learnt.newest("mesos.v1.FrameworkID");
      // The fuzzer's own framework comes back by itself, with its tasks.
      if (typeof frameworkId === "string" && frameworkId !== this.#scheduler.frameworkId)
        await this.#scheduler.tearDown(frameworkId, outcome.streamId);
    }
    const key = `${rpc.service} ${codeName(outcome.code)}`;
    this.statusCounts.set(key, (this.statusCounts.get(key) ?? 0) + 1);
    return { outcome, messages };
  }

  #streamIdOf({ rpc, streamId }: FuzzCase): string | undefined {
    const wantsOne = rpc.service === schedulerService && rpc.method !== "Subscribe";
    switch (streamId) {
      case "current":
        return wantsOne ? this.#scheduler.streamId : undefined;
      case "none":
        return undefined;
      case "old":
        return this.#scheduler.oldStreamId;
      case "garbage":
        return "no such stream";
    }
  }

  /** What is wrong with the answer itself. */
  #judge({ rpc, messages }: FuzzCase, outcome: Outcome): Harm | undefined {
    const name = nameOf(rpc);
    const wrong = (problem: string): Harm => ({ kind: "answer", problem: `${name} answers ${problem}` });
    if (outcome.code === statusCodes.DEADLINE_EXCEEDED) return { kind: "hang", problem: `${name} hangs: ${describeAnswer(outcome)}` };
    if (!isDocumentedStatus(name, outcome.code)) return wrong(`${describeAnswer(outcome)}, which is not documented`);
    const results = callResults(rpc, outcome);
    if (results === undefined) return undefined;
    if (results.length !== messages.length) return wrong(`${results.length} of ${messages.length} calls`);
    const undocumented = results.find(({ code }) => !isDocumentedStatus(resultRpc(rpc.service), code));
    return undocumented === undefined ? undefined : wrong(`a call with ${codeName(undocumented.code)}: ${undocumented.message}`);
  }

  /** A call that was refused and changed something. What happens meanwhile looks the same. */
  #findHarm({ rpc }: FuzzCase, outcome: Outcome, looks: Looks): Harm | undefined {
    const { before, after } = looks;
    const results = callResults(rpc, outcome);
    const isRefused =
      results === undefined
        ? outcome.code !== statusCodes.OK && rpc.service !== "tepui.v1.AgentLink"
        : results.every(({ code }) => code !== statusCodes.OK);
    if (!isRefused || before === undefined || after === undefined) return undefined;
    const effects = findEffects(before, after);
    if (effects.length === 0) return undefined;
    return { kind: "effect", problem: `${nameOf(rpc)} answers ${describeAnswer(outcome)} and had an effect: ${effects.join("; ")}` };
  }

  #findSuffering(): Harm | undefined {
    const problem = this.#steady.tick();
    return problem === undefined ? undefined : { kind: "bystander", problem };
  }

  /** Undefined when the leader does not answer. */
  async #look(): Promise<Facts | undefined> {
    const { code, answers } = await this.#clients.master.unary(getStatePath, new Uint8Array());
    const bytes = answers[0];
    if (code !== statusCodes.OK || bytes === undefined) return undefined;
    this.#learnt.learn("mesos.v1.master.Response.GetState", bytes, false);
    return readFacts(Response_GetState.decode(bytes), { frameworkId: this.#scheduler.frameworkId, agentId: this.#agentId });
  }

  async #findCrash(): Promise<string | undefined> {
    await this.#cluster.advance(exitNoticeMs);
    const fatal = this.recorder.events.find((event) => event.kind === "fatal");
    if (fatal?.kind === "fatal") return `${fatal.node} ends with a fatal line: ${fatal.message}`;
    const ended = this.#cluster.nodes().find(({ state }) => state === "exited");
    return ended === undefined ? undefined : `${ended.node} has ended`;
  }
}

/** The same for the same: what was sent is what is printed. */
function remember(resolve: Resolve): Resolve {
  const known = new Map<Learnt, string | Uint8Array>();
  return (learnt) => {
    const value = known.get(learnt) ?? resolve(learnt);
    known.set(learnt, value);
    return value;
  };
}

function nameOf({ service, method }: FuzzCase["rpc"]): string {
  return `${service}/${method}`;
}

function describeAnswer({ code, message }: Outcome): string {
  return `${codeName(code)}: ${message}`;
}

/** The answers of a stream of calls that itself went well; undefined for everything else. */
function callResults(rpc: FuzzCase["rpc"], { code, answers }: Outcome): readonly CallResult[] | undefined {
  if (nameOf(rpc) !== `${schedulerService}/Calls` || code !== statusCodes.OK) return undefined;
  return answers.map((bytes) => CallResult.decode(bytes));
}

function codeName(code: number): string {
  const names = Object.keys(statusCodes) as StatusCode[];
  return names.find((name) => statusCodes[name] === code) ?? `code ${code}`;
}
