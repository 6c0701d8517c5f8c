/**
 * What a run did to machines in maintenance, as data for reports: when each was scheduled, DOWN and up, what frameworks were asked and
 * answered, which tasks ended on it, and how long no master ran. Told from the history alone.
 */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { AnswerJson, FrameworkName, HistoryEvent, NodeName } from "../../harness/history/event.ts";
import type { MachineJson, MaintenanceOrderJson, UnavailabilityJson } from "../../harness/history/maintenance-json.ts";

export interface ModeSpan {
  readonly mode: "draining" | "down";
  readonly window: UnavailabilityJson;
  readonly fromMs: number;
  toMs: number;
}

export interface TaskEnd {
  readonly taskId: string;
  readonly framework: FrameworkName;
  readonly atMs: number;
  readonly state: string;
  readonly reason: string | undefined;
}

export interface MachineStory {
  /** The node that it is, or how the operator named it. */
  readonly machine: string;
  readonly spans: ModeSpan[];
  readonly ends: TaskEnd[];
}

export type QuestionFate = "accepted" | "declined" | "rescinded" | "stream closed" | "open";

/** An inverse offer, from its arrival to whatever ended it. */
export interface Question {
  readonly framework: FrameworkName;
  readonly machine: string;
  readonly fromMs: number;
  toMs: number;
  fate: QuestionFate;
}

/** A call about the schedule that was not only a question. */
export interface OperatorAct {
  readonly call: number;
  readonly atMs: number;
  readonly text: string;
  outcome: "done" | "refused" | "no answer";
}

/** When somebody was not there: a master dead, a framework without a stream. */
export interface Gap {
  readonly who: NodeName | FrameworkName;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MaintenanceStory {
  readonly machines: readonly MachineStory[];
  readonly questions: readonly Question[];
  readonly acts: readonly OperatorAct[];
  readonly deadMasters: readonly Gap[];
  /** Of every framework, in the order of their first calls. */
  readonly absences: ReadonlyMap<FrameworkName, readonly Gap[]>;
}

/** Undefined when nobody planned anything. */
export function findMaintenance(events: readonly HistoryEvent[]): MaintenanceStory | undefined {
  const teller = new StoryTeller(events.at(-1)?.atMs ?? 0);
  for (const event of events) teller.hear(event);
  return teller.end();
}

class StoryTeller {
  readonly #endMs: number;
  readonly #nodeOfAgent = new Map<string, NodeName>();
  readonly #nodeOfIp = new Map<string, NodeName>();
  readonly #machines = new Map<string, MachineStory>();
  readonly #ended = new Set<string>();
  readonly #endsOf = new Map<string, TaskEnd[]>();
  readonly #questions: Question[] = [];
  readonly #open = new Map<string, Question>();
  /** The newest of each framework. */
  readonly #streams = new Map<FrameworkName, string>();
  readonly #orders = new Map<number, MaintenanceOrderJson>();
  readonly #acts: OperatorAct[] = [];
  readonly #deadMasters = new Absences();
  /** Masters that the harness ended: one that does not come back was ended with the cluster. */
  readonly #dismissed = new Set<NodeName>();
  readonly #unsubscribed = new Absences();

  constructor(endMs: number) {
    this.#endMs = endMs;
  }

  hear(event: HistoryEvent): void {
    switch (event.kind) {
      case "agentRegistered":
        this.#nodeOfAgent.set(event.agentId, event.node);
        return;
      case "nodeStarted":
      case "nodeExited":
        this.#nodeChanged(event);
        return;
      case "order":
        this.#ordered(event);
        return;
      case "ok":
        this.#obeyed(event);
        return;
      case "fail":
        this.#settle(event.call, "refused");
        return;
      case "invoke":
        this.#unsubscribed.know(event.framework, event.atMs);
        if (event.body.kind === "answerInverseOffers") {
          const fate = event.body.accepts ? "accepted" : "declined";
          for (const id of event.body.inverseOfferIds) this.#close(`${event.framework} ${id}`, event.atMs, fate);
        }
        return;
      case "event":
        this.#told(event);
        return;
      case "streamClosed":
        this.#streamClosed(event);
        return;
      default:
        return;
    }
  }

  end(): MaintenanceStory | undefined {
    if (this.#acts.length === 0) return undefined;
    for (const { spans } of this.#machines.values()) for (const span of spans) span.toMs = Math.min(span.toMs, this.#endMs);
    for (const { machine, ends } of this.#machines.values()) ends.push(...(this.#endsOf.get(machine) ?? []));
    for (const node of this.#dismissed) this.#deadMasters.forget(node);
    const deadMasters = [...this.#deadMasters.end(this.#endMs).values()].flat();
    const absences = this.#unsubscribed.end(this.#endMs);
    return { machines: [...this.#machines.values()], questions: this.#questions, acts: this.#acts, deadMasters, absences };
  }

  #nodeChanged(event: Extract<HistoryEvent, { kind: "nodeStarted" | "nodeExited" }>): void {
    const { node, atMs } = event;
    if (event.kind === "nodeStarted" && event.ip !== undefined) this.#nodeOfIp.set(event.ip, node);
    if (!node.startsWith("master")) return;
    if (event.kind === "nodeExited") this.#deadMasters.left(node, atMs);
    else this.#deadMasters.came(node, atMs);
    if (event.kind === "nodeExited" && event.expected) this.#dismissed.add(node);
    else this.#dismissed.delete(node);
  }

  #streamClosed({ framework, streamId, atMs }: Extract<HistoryEvent, { kind: "streamClosed" }>): void {
    if (this.#streams.get(framework) !== streamId) return;
    this.#unsubscribed.left(framework, atMs);
    for (const [key, question] of [...this.#open]) if (question.framework === framework) this.#close(key, atMs, "stream closed");
  }

  #ordered({ call, atMs, body }: Extract<HistoryEvent, { kind: "order" }>): void {
    if (!("windows" in body || "machines" in body)) return;
    this.#orders.set(call, body);
    const count = "windows" in body ? body.windows.length : body.machines.length;
    const text = { updateSchedule: "schedules windows", startMaintenance: "takes machines down", stopMaintenance: "takes machines up" }[
      body.kind
    ];
    this.#acts.push({ call, atMs, text: `${text} (${count})`, outcome: "no answer" });
  }

  #obeyed({ call, atMs, answer }: Extract<HistoryEvent, { kind: "ok" }>): void {
    if (answer !== undefined) this.#answered(answer, atMs);
    const order = this.#orders.get(call);
    if (order === undefined) return;
    this.#settle(call, "done");
    if (order.kind === "updateSchedule") this.#planned(order.windows, atMs);
    if (order.kind === "startMaintenance") for (const machine of order.machines) this.#wentDown(machine, atMs);
    if (order.kind === "stopMaintenance") for (const machine of order.machines) this.#leave(this.#nameOf(machine), atMs);
  }

  #settle(call: number, outcome: OperatorAct["outcome"]): void {
    const act = this.#acts.find((one) => one.call === call);
    if (act !== undefined) act.outcome = outcome;
  }

  #planned(windows: Extract<MaintenanceOrderJson, { kind: "updateSchedule" }>["windows"], atMs: number): void {
    const planned = new Map(windows.flatMap(({ machines, unavailability }) => machines.map((one) => [this.#nameOf(one), unavailability])));
    for (const machine of this.#machines.keys()) if (!planned.has(machine)) this.#leave(machine, atMs);
    for (const [machine, window] of planned) this.#be(machine, { mode: this.#current(machine)?.mode ?? "draining", window }, atMs);
  }

  /** An order without an answer shows here, if it was obeyed. */
  #answered(answer: AnswerJson, atMs: number): void {
    if (answer.kind !== "progress") return;
    const told = new Set(answer.machines.map(({ machine }) => this.#nameOf(machine)));
    for (const machine of this.#machines.keys()) if (!told.has(machine)) this.#leave(machine, atMs);
    for (const { machine, isDown, unavailability } of answer.machines)
      this.#be(this.#nameOf(machine), { mode: isDown ? "down" : "draining", window: unavailability }, atMs);
  }

  #wentDown(machine: MachineJson, atMs: number): void {
    const name = this.#nameOf(machine);
    const current = this.#current(name);
    if (current !== undefined) this.#be(name, { mode: "down", window: current.window }, atMs);
  }

  /** From now on; nothing when it was so before. */
  #be(machine: string, { mode, window }: Pick<ModeSpan, "mode" | "window">, atMs: number): void {
    const current = this.#current(machine);
    const isSame =
      current?.mode === mode && current.window.startAtMs === window.startAtMs && current.window.durationMs === window.durationMs;
    if (isSame) return;
    this.#leave(machine, atMs);
    const story = this.#machines.get(machine) ?? { machine, spans: [], ends: [] };
    this.#machines.set(machine, story);
    story.spans.push({ mode, window, fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
  }

  #current(machine: string): ModeSpan | undefined {
    const last = this.#machines.get(machine)?.spans.at(-1);
    return last?.toMs === Number.POSITIVE_INFINITY ? last : undefined;
  }

  #leave(machine: string, atMs: number): void {
    const current = this.#current(machine);
    if (current !== undefined) current.toMs = atMs;
  }

  #told({ atMs, framework, streamId, event }: Extract<HistoryEvent, { kind: "event" }>): void {
    if (event.kind === "subscribed") {
      this.#streams.set(framework, streamId);
      this.#unsubscribed.came(framework, atMs);
    }
    if (event.kind === "rescindInverseOffer") this.#close(`${framework} ${event.inverseOfferId}`, atMs, "rescinded");
    if (event.kind === "inverseOffers")
      for (const { inverseOfferId, agentId } of event.inverseOffers) {
        const machine = this.#nodeOfAgent.get(agentId) ?? agentId;
        const question: Question = { framework, machine, fromMs: atMs, toMs: this.#endMs, fate: "open" };
        this.#questions.push(question);
        this.#open.set(`${framework} ${inverseOfferId}`, question);
      }
    if (event.kind === "update") this.#updated(framework, event.status, atMs);
  }

  #updated(framework: FrameworkName, status: Extract<EventOf<"update">, { kind: "update" }>["status"], atMs: number): void {
    const { taskId, agentId, state, reason } = status;
    const machine = agentId === undefined ? undefined : this.#nodeOfAgent.get(agentId);
    const key = `${framework} ${taskId}`;
    if (machine === undefined || !isTerminal(state as TaskState) || this.#ended.has(key)) return;
    this.#ended.add(key);
    const ends = this.#endsOf.get(machine) ?? [];
    this.#endsOf.set(machine, ends);
    ends.push({ taskId, framework, atMs, state, reason });
  }

  #close(key: string, atMs: number, fate: QuestionFate): void {
    const question = this.#open.get(key);
    if (question === undefined) return;
    this.#open.delete(key);
    question.toMs = atMs;
    question.fate = fate;
  }

  #nameOf({ hostname, ip }: MachineJson): string {
    return hostname ?? (ip === undefined ? "?" : (this.#nodeOfIp.get(ip) ?? ip));
  }
}

class Absences {
  readonly #gaps = new Map<string, Gap[]>();
  readonly #sinceMs = new Map<string, number>();

  /** One that is heard of for the first time has not been there. */
  know(who: string, atMs: number): void {
    if (this.#gaps.has(who)) return;
    this.#gaps.set(who, []);
    this.#sinceMs.set(who, atMs);
  }

  left(who: string, atMs: number): void {
    if (!this.#gaps.has(who)) this.#gaps.set(who, []);
    if (!this.#sinceMs.has(who)) this.#sinceMs.set(who, atMs);
  }

  came(who: string, atMs: number): void {
    const fromMs = this.#sinceMs.get(who);
    if (fromMs === undefined) return;
    this.#gaps.get(who)?.push({ who, fromMs, toMs: atMs });
    this.#sinceMs.delete(who);
  }

  /** That it left says nothing. */
  forget(who: string): void {
    this.#sinceMs.delete(who);
  }

  end(atMs: number): ReadonlyMap<string, readonly Gap[]> {
    for (const who of [...this.#sinceMs.keys()]) this.came(who, atMs);
    return this.#gaps;
  }
}

type EventOf<Kind extends string> = Extract<Extract<HistoryEvent, { kind: "event" }>["event"], { kind: Kind }>;
