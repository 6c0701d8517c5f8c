/**
 * The well-behaved framework beside the fuzzer: it runs one short task after the other on an agent that stays, and each
 * must end exactly once, with success, whatever the fuzzer does meanwhile.
 */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { Cluster } from "../cluster.ts";
import type { StatusJson } from "../history/event.ts";
import type { Recorder } from "../history/recorder.ts";
import { Framework } from "../workload/framework.ts";
import type { KnownOffer } from "../workload/knowledge.ts";

/** How long a task may take from its launch to its end before it counts as lost, and an offer to come. */
const patienceMs = 30_000;

/** Between two tasks, so that the log of a long run stays readable. */
const pauseMs = 300;
const taskDurationMs = 100;

/** What one task uses. */
const taskNeeds = [
  { name: "cpus", milli: 100 },
  { name: "mem", milli: 32_000 },
] as const;

export class SteadyFramework {
  readonly #cluster: Cluster;
  readonly #framework: Framework;
  readonly #agentId: string;
  /** Terminal updates, by task: each with its uuid, because an update may be repeated. */
  readonly #ends = new Map<string, Map<string, string>>();
  #launched = 0;
  #finished = 0;
  #lastMoveAtMs: number;
  #refusal: string | undefined;

  constructor(cluster: Cluster, recorder: Recorder, agentId: string) {
    this.#cluster = cluster;
    this.#agentId = agentId;
    this.#lastMoveAtMs = cluster.nowMs();
    const behaviour = { failoverTimeoutMs: 3_600_000, partitionAware: true, roles: ["steady"], acknowledgesByItself: true };
    this.#framework = new Framework("steady", behaviour, cluster, recorder);
    recorder.listen((event) => {
      if (event.kind === "event" && event.event.kind === "update") this.#note(event.event.status);
      if (event.kind === "fail") this.#refusal ??= `a call of the steady framework was refused: ${event.code}: ${event.message}`;
    });
    this.#framework.subscribe();
  }

  /** Waits until it is subscribed. Throws when that takes too long. */
  async ready(): Promise<void> {
    const endMs = this.#cluster.nowMs() + patienceMs;
    while (!this.#framework.isSubscribed) {
      if (this.#cluster.nowMs() > endMs) throw new Error(`the steady framework could not subscribe within ${patienceMs} ms`);
      await this.#cluster.advance(10);
    }
  }

  /** Tasks that have ended as they should. */
  get finishedCount(): number {
    return this.#finished;
  }

  /** Goes on with what is to be done, and answers what is wrong, if anything. */
  tick(): string | undefined {
    const nowMs = this.#cluster.nowMs();
    this.#framework.tick(nowMs);
    const problem = this.#problem();
    if (problem !== undefined) return problem;
    if (nowMs - this.#lastMoveAtMs > patienceMs) {
      const live = this.#framework.liveTasks().map(({ taskId }) => taskId);
      return live.length > 0
        ? `the steady framework waits for the end of ${live.join(", ")} for more than ${patienceMs} ms`
        : `the steady framework ${this.#framework.isSubscribed ? "gets no offer" : "is not subscribed"} for more than ${patienceMs} ms`;
    }
    this.#declineUseless();
    if (this.#framework.liveTasks().length === 0 && nowMs - this.#lastMoveAtMs >= pauseMs) this.#launch();
    return undefined;
  }

  /** Waits until nothing runs any more; answers what is wrong, if anything. */
  async finish(): Promise<string | undefined> {
    const endMs = this.#cluster.nowMs() + patienceMs;
    while (this.#cluster.nowMs() < endMs) {
      this.#framework.tick(this.#cluster.nowMs());
      const problem = this.#problem();
      if (problem !== undefined) return problem;
      // A short run may end before its first offer.
      if (this.#launched === 0) this.#launch();
      else if (this.#finished === this.#launched) return undefined;
      await this.#cluster.advance(50);
    }
    if (this.#launched === 0) return `the steady framework gets no offer for more than ${patienceMs} ms`;
    return `${this.#launched - this.#finished} tasks of the steady framework have not ended`;
  }

  #launch(): void {
    const offer = [...this.#framework.offers.values()].find((one) => one.agentId === this.#agentId && hasRoom(one));
    const { frameworkId } = this.#framework;
    if (offer === undefined || frameworkId === undefined || !this.#framework.isSubscribed) return;
    const taskId = this.#framework.newTaskId();
    const plan = { durationMs: taskDurationMs, exitCode: 0, ignoresSigterm: false, daemonCount: 0 };
    const { value, environment } = this.#cluster.taskCommand(plan, { frameworkId, taskId, agentId: this.#agentId });
    const role = { role: offer.role };
    const resources = taskNeeds.map((need) => ({ ...need, ...role }));
    this.#launched++;
    this.#moved();
    const task = { taskId, agentId: this.#agentId, resources, command: value, environment };
    this.#framework.send({ kind: "accept", offerIds: [offer.offerId], tasks: [task], refuseSeconds: 0 });
  }

  /** Agents that the fuzzer made up run nothing, and what the fuzzer's tasks have left over may be too little. */
  #declineUseless(): void {
    const offers = [...this.#framework.offers.values()];
    const foreign = offers.filter(({ agentId }) => agentId !== this.#agentId);
    const small = offers.filter((offer) => offer.agentId === this.#agentId && !hasRoom(offer));
    this.#decline(foreign, 3_600);
    this.#decline(small, 0);
  }

  #decline(offers: readonly KnownOffer[], refuseSeconds: number): void {
    if (offers.length > 0) this.#framework.send({ kind: "decline", offerIds: offers.map(({ offerId }) => offerId), refuseSeconds });
  }

  #note({ taskId, state, uuid = "", message = "" }: StatusJson): void {
    if (!isTerminal(state as TaskState)) return;
    const ends = this.#ends.get(taskId) ?? new Map<string, string>();
    this.#ends.set(taskId, ends.set(uuid, state === "TASK_FINISHED" ? state : `${state} (${message})`));
    if (ends.size > 1 || state !== "TASK_FINISHED") return;
    this.#finished = this.#ends.size;
    this.#moved();
  }

  #moved(): void {
    this.#lastMoveAtMs = this.#cluster.nowMs();
  }

  #problem(): string | undefined {
    for (const [taskId, ends] of this.#ends) {
      const states = [...ends.values()];
      if (states.length > 1) return `task ${taskId} of the steady framework has ended ${states.length} times: ${states.join(", ")}`;
      if (states[0] !== "TASK_FINISHED") return `task ${taskId} of the steady framework ended with ${states[0]}`;
    }
    return this.#refusal;
  }
}

function hasRoom({ resources }: KnownOffer): boolean {
  return taskNeeds.every(({ name, milli }) => {
    const offered = resources.reduce((sum, resource) => (resource.name === name ? sum + (resource.milli ?? 0) : sum), 0);
    return offered >= milli;
  });
}
