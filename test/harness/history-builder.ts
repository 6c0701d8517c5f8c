/**
 * Writes histories by hand, one line per event. Each step takes 10 ms; `wait` lets more time pass. `cluster()` begins
 * with a master, the agents agent-1 (id A1) and agent-2 (id A2), and the framework f1 (id F1) subscribed, all calm for long.
 */

import type {
  AgentSnapshot,
  AnswerJson,
  CallJson,
  ClusterTimings,
  HistoryBody,
  HistoryEvent,
  LeaderSnapshot,
  LookOutcome,
  LookPurpose,
  OrderJson,
  ResourceJson,
  SchedulerEventJson,
  StatusJson,
  WatchJson,
} from "../../harness/history/event.ts";
import type { MachineJson, UnavailabilityJson, WindowJson } from "../../harness/history/maintenance-json.ts";

export const testTimings: ClusterTimings = {
  allocationIntervalMs: 1_000,
  heartbeatIntervalMs: 1_000_000,
  pingTimeoutMs: 1_000,
  pingTimeoutsMax: 5,
  reregisterTimeoutMs: 10_000,
  updateRetryMinMs: 1_000,
  updateRetryMaxMs: 4_000,
  registrationBackoffMaxMs: 1_000,
  epsilonMs: 0,
};

export interface TaskOptions {
  readonly cpus?: number;
  readonly agent?: string;
  readonly watch?: WatchJson;
}

export interface ScheduleOptions {
  readonly startsInMs?: number;
  readonly durationMs?: number;
  readonly outcome?: Outcome;
  readonly code?: string;
}

type Outcome = "ok" | "fail" | "info" | "open";

/** What an agent has in these histories. */
export const agentTotal: readonly ResourceJson[] = cpusAndMem(4);

export function cpusAndMem(cpus: number): readonly ResourceJson[] {
  return [
    { name: "cpus", milli: cpus * 1_000 },
    { name: "mem", milli: cpus * 100_000 },
  ];
}

const questions = {
  schedule: "getMaintenanceSchedule",
  status: "getMaintenanceStatus",
  progress: "getMaintenanceProgress",
  quotas: "getQuota",
  weights: "getWeights",
} as const satisfies Record<AnswerJson["kind"], OrderJson["kind"]>;

export class HistoryBuilder {
  readonly events: HistoryEvent[] = [];
  #atMs = 0;
  #nextCall = 0;
  #nextFault = 0;
  readonly #streams = new Map<string, string>();
  readonly #offerAgents = new Map<string, string>();

  add(body: HistoryBody): this {
    this.events.push({ seq: this.events.length, atMs: this.#atMs, ...body });
    this.#atMs += 10;
    return this;
  }

  wait(durationMs: number): this {
    this.#atMs += durationMs;
    return this;
  }

  call(framework: string, body: CallJson, outcome: Outcome = "ok", streamId = this.#streams.get(framework)): this {
    const call = this.#nextCall++;
    this.add({ kind: "invoke", call, framework, ...(streamId === undefined ? {} : { streamId }), body });
    return this.#outcome(call, outcome);
  }

  /** An operator's order. */
  order(body: OrderJson, outcome: Outcome = "ok"): this {
    const call = this.#nextCall++;
    return this.add({ kind: "order", call, body }).#outcome(call, outcome);
  }

  drainAgent(agentId = "A1", options: { maxGraceMs?: number; markGone?: boolean; outcome?: Outcome } = {}): this {
    const { maxGraceMs, markGone = false, outcome } = options;
    return this.order({ kind: "drainAgent", agentId, markGone, ...(maxGraceMs === undefined ? {} : { maxGraceMs }) }, outcome);
  }

  deactivate(agentId = "A1", outcome: Outcome = "ok"): this {
    return this.order({ kind: "deactivateAgent", agentId }, outcome);
  }

  reactivate(agentId = "A1", outcome: Outcome = "ok"): this {
    return this.order({ kind: "reactivateAgent", agentId }, outcome);
  }

  /** By an operator. */
  orderKill(taskId: string, { graceMs, outcome }: { graceMs?: number; outcome?: Outcome } = {}): this {
    return this.order({ kind: "killTask", frameworkId: "F1", taskId, ...(graceMs === undefined ? {} : { graceMs }) }, outcome);
  }

  markGone(agentId = "A1", outcome: Outcome = "ok"): this {
    return this.order({ kind: "markAgentGone", agentId }, outcome);
  }

  /** Plans windows for machines, all of which begin in so many milliseconds from now. */
  schedule(machines: readonly MachineJson[] = [{ hostname: "agent-1" }], options: ScheduleOptions = {}): this {
    const { startsInMs = 100_000, durationMs, outcome, code } = options;
    const unavailability = { startAtMs: this.#atMs + startsInMs, ...(durationMs === undefined ? {} : { durationMs }) };
    return this.plan(machines.length === 0 ? [] : [{ machines, unavailability }], outcome, code);
  }

  /** The very windows. */
  plan(windows: readonly WindowJson[], outcome?: Outcome, code?: string, message?: string): this {
    const unavailability = windows[0]?.unavailability;
    if (unavailability !== undefined) this.window = unavailability;
    return this.orderMachines({ kind: "updateSchedule", windows }, outcome, code, message);
  }

  /** The newest window that was planned. */
  window: UnavailabilityJson = { startAtMs: 0 };

  startMaintenance(machines: readonly MachineJson[] = [{ hostname: "agent-1" }], outcome?: Outcome, code?: string, message?: string): this {
    return this.orderMachines({ kind: "startMaintenance", machines }, outcome, code, message);
  }

  stopMaintenance(machines: readonly MachineJson[] = [{ hostname: "agent-1" }], outcome?: Outcome, code?: string, message?: string): this {
    return this.orderMachines({ kind: "stopMaintenance", machines }, outcome, code, message);
  }

  /** An operator asks, and gets this answer. */
  ask(answer: AnswerJson): this {
    const call = this.#nextCall++;
    return this.add({ kind: "order", call, body: { kind: questions[answer.kind] } }).add({ kind: "ok", call, answer });
  }

  /** An order about machines, and what was answered. */
  orderMachines(body: OrderJson, outcome: Outcome = "ok", code?: string, message?: string): this {
    const call = this.#nextCall++;
    return this.add({ kind: "order", call, body }).#outcome(call, outcome, code, message);
  }

  #outcome(call: number, outcome: Outcome, code = "INVALID_ARGUMENT", message = "refused"): this {
    if (outcome === "ok") this.add({ kind: "ok", call });
    if (outcome === "fail") this.add({ kind: "fail", call, code, message });
    if (outcome === "info") this.add({ kind: "info", call, reason: "deadline exceeded" });
    return this;
  }

  event(framework: string, event: SchedulerEventJson): this {
    return this.add({ kind: "event", framework, streamId: this.#streams.get(framework) ?? "none", event });
  }

  /** The framework f1 has the id F1 and the streams f1-1, f1-2, ... */
  subscribe(
    framework = "f1",
    options: { partitionAware?: boolean; failoverTimeoutMs?: number; master?: string; refused?: string; checkpoint?: boolean } = {},
  ): this {
    const { partitionAware = true, failoverTimeoutMs = 100_000, master = "M1", refused } = options;
    const number = Number(this.#streams.get(framework)?.split("-")[1] ?? "0") + 1;
    const frameworkId = framework.toUpperCase();
    const again = number > 1 ? { frameworkId } : {};
    const kept = options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint };
    this.#streams.delete(framework);
    this.call(framework, { kind: "subscribe", ...again, failoverTimeoutMs, partitionAware, roles: ["*"], ...kept }, "open");
    this.#streams.set(framework, `${framework}-${number}`);
    if (refused !== undefined) return this.event(framework, { kind: "error", message: refused });
    return this.event(framework, {
      kind: "subscribed",
      frameworkId,
      heartbeatIntervalMs: testTimings.heartbeatIntervalMs,
      masterId: master,
    });
  }

  close(framework = "f1"): this {
    return this.add({ kind: "streamClosed", framework, streamId: this.#streams.get(framework) ?? "none", reason: "closed" });
  }

  offer(
    offerId: string,
    options: { framework?: string; agent?: string; cpus?: number; unavailability?: UnavailabilityJson | undefined } = {},
  ): this {
    const { framework = "f1", agent = "A1", cpus = 2, unavailability } = options;
    this.#offerAgents.set(offerId, agent);
    const window = unavailability === undefined ? {} : { unavailability };
    const offer = { offerId, agentId: agent, role: "*", resources: cpusAndMem(cpus), ...window };
    return this.event(framework, { kind: "offers", offers: [offer] });
  }

  /** For the newest window that was planned, unless told otherwise. */
  inverseOffer(inverseOfferId: string, options: { framework?: string; agent?: string; unavailability?: UnavailabilityJson } = {}): this {
    const { framework = "f1", agent: agentId = "A1", unavailability = this.window } = options;
    return this.event(framework, { kind: "inverseOffers", inverseOffers: [{ inverseOfferId, agentId, unavailability }] });
  }

  rescindInverseOffer(inverseOfferId: string, framework = "f1"): this {
    return this.event(framework, { kind: "rescindInverseOffer", inverseOfferId });
  }

  answerInverseOffer(
    inverseOfferId: string,
    options: { framework?: string; accepts?: boolean; refuseSeconds?: number; outcome?: Outcome } = {},
  ): this {
    const { framework = "f1", accepts = true, refuseSeconds, outcome } = options;
    const filter = refuseSeconds === undefined ? {} : { refuseSeconds };
    return this.call(framework, { kind: "answerInverseOffers", accepts, inverseOfferIds: [inverseOfferId], ...filter }, outcome);
  }

  rescind(offerId: string, framework = "f1"): this {
    return this.event(framework, { kind: "rescind", offerId });
  }

  accept(
    offerId: string,
    taskId: string,
    options: TaskOptions & { framework?: string; outcome?: Outcome; refuseSeconds?: number } = {},
  ): this {
    const { framework = "f1", cpus = 1, agent = this.#offerAgents.get(offerId) ?? "A1", outcome = "ok", refuseSeconds = 5 } = options;
    const watch = options.watch === undefined ? {} : { watch: options.watch };
    const task = { taskId, agentId: agent, resources: cpusAndMem(cpus), command: "sleep", ...watch };
    return this.call(framework, { kind: "accept", offerIds: [offerId], tasks: [task], refuseSeconds }, outcome);
  }

  decline(offerId: string, refuseSeconds: number, framework = "f1"): this {
    return this.call(framework, { kind: "decline", offerIds: [offerId], refuseSeconds });
  }

  /** An update of the agent, to be acknowledged, unless told otherwise. */
  update(taskId: string, state: string, status: Partial<StatusJson> & { framework?: string } = {}): this {
    const { framework = "f1", ...rest } = status;
    const uuid = `${taskId}-${state}`;
    return this.event(framework, {
      kind: "update",
      status: { taskId, state, agentId: "A1", source: "SOURCE_EXECUTOR", uuid, ...rest },
    });
  }

  /** An update that the master makes up itself. */
  masterUpdate(
    taskId: string,
    state: string,
    reason: string,
    options: { framework?: string; agent?: string; message?: string } = {},
  ): this {
    const { framework = "f1", agent = "A1", message } = options;
    const status = { taskId, state, reason, agentId: agent, source: "SOURCE_MASTER", ...(message === undefined ? {} : { message }) };
    return this.event(framework, { kind: "update", status });
  }

  acknowledge(taskId: string, state: string, options: { framework?: string; agent?: string; outcome?: Outcome } = {}): this {
    const { framework = "f1", agent = "A1", outcome = "ok" } = options;
    return this.call(framework, { kind: "acknowledge", agentId: agent, taskId, uuid: `${taskId}-${state}` }, outcome);
  }

  /** Offer o-TASK, launch, start line, RUNNING, acknowledged. */
  runTask(taskId: string, options: { framework?: string; agent?: string; node?: string; watch?: WatchJson } = {}): this {
    const { framework = "f1", agent = "A1", node = "agent-1", watch } = options;
    return this.offer(`o-${taskId}`, { framework, agent })
      .accept(`o-${taskId}`, taskId, { framework, ...(watch === undefined ? {} : { watch }) })
      .ledger(taskId, "start", { framework, node })
      .update(taskId, "TASK_RUNNING", { framework, agentId: agent })
      .acknowledge(taskId, "TASK_RUNNING", { framework, agent });
  }

  ledger(
    taskId: string,
    line: "start" | "beat" | "end",
    options: { framework?: string; node?: string; process?: string; exitCode?: number } = {},
  ): this {
    const { framework = "f1", node = "agent-1", process = `${taskId}-p1`, exitCode } = options;
    const end = exitCode === undefined ? {} : { exitCode };
    return this.add({ kind: "ledger", line, node, frameworkId: framework.toUpperCase(), taskId, process, ...end });
  }

  /** The agent agent-1 looks at a task. */
  look(taskId: string, purpose: LookPurpose, outcome: LookOutcome): this {
    return this.add({ kind: "look", node: "agent-1", frameworkId: "F1", taskId, process: `${taskId}-p1`, purpose, outcome });
  }

  kill(taskId: string, options: { agent?: string; graceMs?: number; outcome?: Outcome } = {}): this {
    const { agent, graceMs, outcome = "ok" } = options;
    const body: CallJson = {
      kind: "kill",
      taskId,
      ...(agent === undefined ? {} : { agentId: agent }),
      ...(graceMs === undefined ? {} : { graceMs }),
    };
    return this.call("f1", body, outcome);
  }

  reconcile(taskId?: string, agent?: string): this {
    const element = taskId === undefined ? [] : [{ taskId, ...(agent === undefined ? {} : { agentId: agent }) }];
    return this.call("f1", { kind: "reconcile", tasks: element });
  }

  failure(agentId = "A1", framework = "f1"): this {
    return this.event(framework, { kind: "failure", agentId });
  }

  fault(name: string, target: string): this {
    return this.add({ kind: "faultBegin", fault: this.#nextFault++, name, target });
  }

  faultEnd(): this {
    return this.add({ kind: "faultEnd", fault: this.#nextFault - 1 });
  }

  started(node: string, incarnation: number): this {
    return this.add({ kind: "nodeStarted", node, incarnation });
  }

  exited(node: string, incarnation = 0, how: { code?: number; signal?: string; expected?: boolean } = { code: 0 }): this {
    return this.add({ kind: "nodeExited", node, incarnation, expected: true, ...how });
  }

  registered(node: string, agentId: string, incarnation = 0): this {
    return this.add({ kind: "agentRegistered", node, agentId, incarnation });
  }

  processes(node: string, ...taskIds: readonly string[]): this {
    const live = taskIds.map((taskId) => ({ frameworkId: "F1", taskId, process: `${taskId}-p1` }));
    return this.add({ kind: "processes", node, live });
  }

  /** `changed`: what is not as usual of the agent A1. */
  snapshot(parts: Partial<LeaderSnapshot> = {}, changed: Partial<AgentSnapshot> = {}): this {
    const agents = ["A1", "A2"].map((agentId) => ({
      agentId,
      hostname: agentId,
      active: true,
      total: agentTotal,
      allocated: [],
      offered: [],
      ...(agentId === "A1" ? changed : {}),
    }));
    const snapshot: LeaderSnapshot = {
      masterId: "M1",
      term: 1,
      registryVersion: 1,
      agents,
      recoveredAgentIds: [],
      offers: [],
      tasks: [],
      unreachableTasks: [],
      frameworks: [{ frameworkId: "F1", active: true, connected: true }],
      ...parts,
    };
    return this.add({ kind: "snapshot", snapshot });
  }

  /** Somebody waited for a processor all the time since so long ago. */
  stall(who: string, waitedMs: number): this {
    return this.add({ kind: "stall", who, fromMs: this.#atMs - waitedMs, toMs: this.#atMs, waitedMs });
  }

  /** Time goes on until nothing can be pending, with a last event to show it. */
  end(durationMs = 60_000): this {
    return this.wait(durationMs).add({ kind: "phase", phase: "end" });
  }
}

export function emptyHistory(timings: Partial<ClusterTimings> = {}, tier = "sim"): HistoryBuilder {
  return new HistoryBuilder().add({ kind: "run", seed: 1, tier, suite: "hand-made", timings: { ...testTimings, ...timings } });
}

export function cluster(timings: Partial<ClusterTimings> = {}, tier = "sim", framework: { checkpoint?: boolean } = {}): HistoryBuilder {
  return emptyHistory(timings, tier)
    .started("master-1", 0)
    .started("agent-1", 0)
    .started("agent-2", 0)
    .registered("agent-1", "A1")
    .registered("agent-2", "A2")
    .subscribe("f1", framework)
    .wait(20_000);
}
