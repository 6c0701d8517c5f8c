/**
 * A process of the cluster: a core, and what becomes of its effects. Inputs are taken one at a time and never re-entered;
 * a paused node keeps them for later; a dead one loses them with its state. A core that throws ends its node.
 */

import type { Core } from "../../common/core.ts";
import type { HistoryBody, NodeName } from "../history/event.ts";
import { addressOf } from "./node-address.ts";
import type { SimOptions } from "./sim-options.ts";
import type { Simulator } from "./simulator.ts";

/** A core that can look at itself. */
export type CheckedCore<Input, Effect> = Core<Input, Effect> & { checkInvariants?(): void };

/** What all nodes of a simulated cluster share. */
export interface NodeContext {
  readonly simulator: Simulator;
  readonly options: SimOptions;
  readonly record: (body: HistoryBody) => void;
}

/** Unix time at which every simulation begins: 2026-01-01. */
export const wallStartMs = 1_767_225_600_000;

/** What a paused node may owe; more means that somebody talks to it without waiting, and is lost as in a full socket buffer. */
const pausedWorkMax = 100_000;

/** A node that is to be killed between two effects is killed in one of so many steps, so that it is not always the same kind. */
const stepsBeforeKillMax = 5;

export abstract class SimNode<Input extends { readonly kind: string }, Effect extends { readonly kind: string }> {
  readonly name: NodeName;
  protected readonly context: NodeContext;
  readonly #wallSkewMs: number;
  #state: "running" | "paused" | "exited" = "exited";
  #incarnation = 0;
  #core: CheckedCore<Input, Effect> | undefined;
  /** Each process has a monotonic clock of its own, so that an instant kept past a restart shows. */
  #clockOffsetMs = 0;
  #armedAtMs: number | undefined;
  #stepCount = 0;
  #waiting: (() => void)[] = [];
  #isExitExpected = false;
  /** Steps with more than one effect that are still to be done before one is cut short. */
  #stepsBeforeKill: number | undefined;

  constructor(name: NodeName, context: NodeContext) {
    this.name = name;
    this.context = context;
    const { wallSkewMaxMs } = context.options;
    this.#wallSkewMs = context.simulator.between(-wallSkewMaxMs, wallSkewMaxMs);
  }

  protected abstract createCore(): CheckedCore<Input, Effect>;
  protected abstract readonly tick: Input;
  /** The process is up: its first inputs may come. */
  protected abstract started(): void;
  protected abstract perform(effects: readonly Effect[]): void;
  /** The process is gone: connections, watches and writes on their way end. `isClean`: it had time to say goodbye. */
  protected abstract ended(isClean: boolean): void;

  get state(): "running" | "paused" | "exited" {
    return this.#state;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  start(): void {
    if (this.#state !== "exited") return;
    const { simulator, options, record } = this.context;
    this.#incarnation++;
    this.#state = "running";
    this.#isExitExpected = false;
    this.#clockOffsetMs = simulator.prng.nextInt(1_000_000);
    this.#core = this.createCore();
    const ip = addressOf(this.name);
    record({ kind: "nodeStarted", node: this.name, incarnation: this.#incarnation, ...(ip === undefined ? {} : { ip }) });
    const incarnation = this.#incarnation;
    simulator.after(simulator.between(1, options.startDelayMaxMs), () => {
      if (this.isIncarnation(incarnation)) this.started();
    });
  }

  /** Ends the process. `expected`: the harness wanted it. */
  exit(end: { readonly code?: number; readonly signal?: string; readonly expected: boolean; readonly isClean: boolean }): void {
    if (this.#state === "exited") return;
    this.#state = "exited";
    this.#core = undefined;
    this.#waiting = [];
    this.#armedAtMs = undefined;
    this.#stepsBeforeKill = undefined;
    this.ended(end.isClean);
    this.context.record({
      kind: "nodeExited",
      node: this.name,
      incarnation: this.#incarnation,
      ...(end.code === undefined ? {} : { code: end.code }),
      ...(end.signal === undefined ? {} : { signal: end.signal }),
      expected: end.expected || this.#isExitExpected,
    });
  }

  /** From now on the end of this process is what the harness wants. */
  expectExit(): void {
    this.#isExitExpected = true;
  }

  /** SIGTERM reaches the process as soon as it runs. */
  terminate(): void {
    this.expectExit();
    this.post(() => this.terminated());
  }

  /** What the process does on SIGTERM: it ends, with its connections closed. */
  protected terminated(): void {
    this.exit({ code: 0, expected: true, isClean: true });
  }

  /** SIGKILL between two effects of one of the next steps that have more than one. */
  setKillMidStep(isWanted: boolean): void {
    this.#stepsBeforeKill = isWanted ? this.context.simulator.prng.nextInt(stepsBeforeKillMax) : undefined;
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const waiting = this.#waiting;
    this.#waiting = [];
    const incarnation = this.#incarnation;
    for (const run of waiting) {
      if (this.isIncarnation(incarnation)) run();
    }
    this.#arm();
  }

  /** Whether the process that asked is still the one that is there. */
  isIncarnation(incarnation: number): boolean {
    return this.#incarnation === incarnation && this.#state !== "exited";
  }

  /** Something from outside reaches the process: now, when it runs again, or never. */
  protected post(run: () => void): void {
    if (this.#state === "running") run();
    else if (this.#state === "paused" && this.#waiting.length < pausedWorkMax) this.#waiting.push(run);
  }

  /** An answer for the process that is there now; a later process does not get it. */
  protected answer<Arguments extends readonly unknown[]>(run: (...values: Arguments) => void): (...values: Arguments) => void {
    const incarnation = this.#incarnation;
    return (...values) => {
      if (this.isIncarnation(incarnation)) this.post(() => run(...values));
    };
  }

  /** Hands an input to the core of the running process, and does what it wants. */
  protected dispatch(input: Input): void {
    const core = this.#core;
    if (core === undefined || this.#state !== "running") return;
    const { simulator, options } = this.context;
    const { trace, nowMs } = simulator;
    trace.number(nowMs);
    trace.text(this.name);
    trace.text(input.kind);
    try {
      const effects = core.step(input, { nowMs: nowMs + this.#clockOffsetMs, wallMs: wallStartMs + nowMs + this.#wallSkewMs });
      if (++this.#stepCount % options.invariantsEverySteps === 0) core.checkInvariants?.();
      for (const effect of effects) trace.text(effect.kind);
      if (effects.length > 1 && this.#stepsBeforeKill !== undefined && this.#stepsBeforeKill-- === 0) {
        this.perform(effects.slice(0, simulator.between(1, effects.length - 1)));
        this.exit({ signal: "SIGKILL", expected: true, isClean: false });
        return;
      }
      this.perform(effects);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#arm();
  }

  /** One tick event waits at a time; a deadline that moved later is looked at again when the event comes. */
  #arm(): void {
    const deadlineMs = this.#core?.nextDeadlineMs();
    if (deadlineMs === undefined || this.#state !== "running") return;
    const { simulator } = this.context;
    const atMs = Math.max(simulator.nowMs, Math.ceil(deadlineMs - this.#clockOffsetMs));
    if (this.#armedAtMs !== undefined && this.#armedAtMs <= atMs) return;
    this.#armedAtMs = atMs;
    const incarnation = this.#incarnation;
    simulator.at(atMs, () => {
      if (this.#armedAtMs !== atMs || !this.isIncarnation(incarnation)) return;
      this.#armedAtMs = undefined;
      const dueMs = this.#core?.nextDeadlineMs();
      if (this.#state === "running" && dueMs !== undefined && dueMs - this.#clockOffsetMs <= atMs) this.dispatch(this.tick);
      else this.#arm();
    });
  }

  /** A broken invariant, or any exception, ends a real process; so it does here. */
  #fail(error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message} (${placeOf(error)})` : String(error);
    this.context.simulator.trace.text(message);
    this.context.record({ kind: "fatal", node: this.name, message });
    this.exit({ code: 1, expected: false, isClean: false });
  }
}

/** The first line of the stack that names a place, without the folder of the machine it runs on. */
function placeOf(error: Error): string {
  const line = error.stack?.split("\n").find((text) => text.includes(".ts:") && !text.includes("common/assert.ts"));
  return line === undefined ? "no stack" : line.trim().replace(/^at (.*?\()?.*?\/(?=(common|server|agent|harness)\/)/, "");
}
