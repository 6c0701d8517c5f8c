/**
 * Runs a pure core in the real world: one queue of inputs, one timer, effects done in order. A step is never
 * re-entered: inputs that arise while effects are performed wait for their turn. Inputs that arrive in one turn of the
 * event loop are taken together, so that what they send can leave together (`afterTurn`).
 */

import { InvariantError } from "../common/assert.ts";
import type { Core } from "../common/core.ts";
import type { Clock } from "./clock.ts";

/** Steps per turn of the event loop: a flood of inputs must not keep sockets and timers waiting for long. */
const stepsPerTurnMax = 4_096;

/** Inputs that wait. One poll of the sockets yields some thousands at most, so more than this means that a loop feeds itself. */
const queueMax = 1_000_000;

/** The longest delay that setTimeout takes; a later deadline is armed again from here. */
const timerMaxMs = 2 ** 31 - 1;

export interface DriverOptions<Input, Effect> {
  readonly core: Core<Input, Effect>;
  /** The input that tells the core that its deadline has come. */
  readonly tick: Input;
  readonly clock: Clock;
  /** Does one effect, without waiting. What it brings about later comes back as an input. */
  readonly perform: (effect: Effect) => void;
  /** Called once after the inputs of a turn were taken: the moment to flush what was gathered. */
  readonly afterTurn?: () => void;
  /** Called at most once, with whatever `step`, `perform` or `afterTurn` threw. The driver has stopped for good. */
  readonly onFatal: (error: unknown) => void;
}

export interface Driver<Input> {
  /** Queues an input; it is taken before the next poll of the sockets. */
  dispatch(input: Input): void;
  /** Takes no further input and disarms the timer. */
  stop(): void;
}

export function createDriver<Input, Effect>(options: DriverOptions<Input, Effect>): Driver<Input> {
  const { core, tick, clock, perform, afterTurn, onFatal } = options;
  let queue: Input[] = [];
  let turn: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function stop(): void {
    stopped = true;
    queue = [];
    clearTimeout(timer);
    clearImmediate(turn);
  }

  function dispatch(input: Input): void {
    if (stopped) return;
    queue.push(input);
    turn ??= setImmediate(takeTurn);
  }

  function takeTurn(): void {
    turn = undefined;
    try {
      takeInputs();
      if (!stopped) afterTurn?.();
      if (!stopped) armTimer();
    } catch (error) {
      stop();
      onFatal(error);
    }
  }

  function takeInputs(): void {
    let taken = 0;
    for (const input of queue) {
      if (taken === stepsPerTurnMax || stopped) break;
      if (queue.length > queueMax) throw new InvariantError(`${queue.length} inputs wait, more than ${queueMax}`);
      taken++;
      for (const effect of core.step(input, clock.now())) perform(effect);
    }
    queue = queue.slice(taken);
    if (queue.length > 0 && !stopped) turn ??= setImmediate(takeTurn);
  }

  function armTimer(): void {
    clearTimeout(timer);
    const deadlineMs = core.nextDeadlineMs();
    if (deadlineMs === undefined) return;
    const delayMs = Math.min(Math.max(Math.ceil(deadlineMs - clock.now().nowMs), 0), timerMaxMs);
    timer = setTimeout(() => dispatch(tick), delayMs);
  }

  return { dispatch, stop };
}
