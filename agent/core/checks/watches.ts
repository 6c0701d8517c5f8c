/**
 * When tasks are looked at, the same for both kinds of check: the first time a delay after the start, then an interval after the end of
 * the look before, each with a timeout, and only so many at a time. What a look means is decided in check-results.ts.
 */

import { DeadlineQueue } from "../../../common/deadline-queue.ts";
import { CheckId } from "../../../common/ids.ts";
import { agentLimits } from "../limits.ts";
import type { AgentState, Checks, Task, Watch } from "../state.ts";
import { taskEnvironment } from "../task-environment.ts";
import type { Turn } from "../turn.ts";
import type { Probe } from "./check-spec.ts";

export function createChecks(): Checks {
  return { lastNumber: 0, running: new Map(), waiting: new Set(), deadlines: new DeadlineQueue(), completions: new DeadlineQueue() };
}

/**
 * Looks at a task that runs from now on, and ends it in time. After a restart of the agent the task's own start counts; its failures
 * are counted anew, because those that the process before saw may not have been in a row with the next.
 */
export function startWatching({ state, nowMs, wallMs }: Turn, task: Task): void {
  const { toRun } = task;
  if (toRun === undefined || task.kill !== undefined) return;
  // A wall clock that was set back must not give a task more time than it has.
  const startedAtMs = nowMs - Math.max(0, wallMs - (task.startedWallMs ?? wallMs));
  const { check, healthCheck, maxCompletionMs } = toRun;
  const common = { task, startedAtMs, checkId: undefined, failureCount: 0 };
  if (check !== undefined) task.watches.push({ ...common, purpose: "check", spec: check });
  if (healthCheck !== undefined) task.watches.push({ ...common, purpose: "health", spec: healthCheck });
  for (const watch of task.watches) state.checks.deadlines.set(watch, Math.max(nowMs, startedAtMs + watch.spec.delayMs));
  if (maxCompletionMs !== undefined) state.checks.completions.set(task, startedAtMs + maxCompletionMs);
}

/** Looks no more; what goes on is ended, and its result not waited for. */
export function stopWatching(turn: Turn, task: Task): void {
  const { checks } = turn.state;
  checks.completions.delete(task);
  for (const watch of task.watches) {
    checks.deadlines.delete(watch);
    checks.waiting.delete(watch);
    if (watch.checkId === undefined) continue;
    turn.emit({ kind: "stopCheck", checkId: watch.checkId });
    checks.running.delete(watch.checkId);
    watch.checkId = undefined;
  }
  task.watches.length = 0;
  startWaiting(turn);
}

/** Starts what is due and answers the looks that have taken too long. */
export function takeDueWatches(turn: Turn): Watch[] {
  const { checks } = turn.state;
  const late: Watch[] = [];
  for (const watch of checks.deadlines.takeDue(turn.nowMs)) {
    if (watch.checkId === undefined) checks.waiting.add(watch);
    else late.push(watch);
  }
  startWaiting(turn);
  return late;
}

/** A look is over: the next one follows after the interval. */
export function finishLook(turn: Turn, watch: Watch): void {
  const { checks } = turn.state;
  if (watch.checkId !== undefined) checks.running.delete(watch.checkId);
  watch.checkId = undefined;
  checks.deadlines.set(watch, turn.nowMs + Math.max(watch.spec.intervalMs, agentLimits.checkIntervalMinMs));
  startWaiting(turn);
}

/** Everything ends with the agent: no look starts any more, and those that go on end with the tasks. */
export function forgetChecks({ checks, tasks }: AgentState): void {
  for (const task of tasks.values()) task.watches.length = 0;
  checks.running.clear();
  checks.waiting.clear();
  checks.deadlines.takeDue(Number.POSITIVE_INFINITY);
  checks.completions.takeDue(Number.POSITIVE_INFINITY);
}

function startWaiting(turn: Turn): void {
  const { checks } = turn.state;
  for (const watch of checks.waiting) {
    if (checks.running.size >= agentLimits.checksAtOnceMax) return;
    checks.waiting.delete(watch);
    startLook(turn, watch);
  }
}

function startLook({ state, nowMs, emit }: Turn, watch: Watch): void {
  const { task, spec, purpose } = watch;
  const { containerId, frameworkId, taskId } = task;
  const frameworkUser = task.toRun?.framework.user ?? "";
  if (containerId === undefined) return;
  state.checks.lastNumber += 1;
  const checkId = CheckId(`check-${state.checks.lastNumber}`);
  watch.checkId = checkId;
  state.checks.running.set(checkId, watch);
  const timeoutMs = Math.min(spec.timeoutMs ?? Number.POSITIVE_INFINITY, agentLimits.checkTimeoutMaxMs);
  state.checks.deadlines.set(watch, nowMs + timeoutMs);
  emit({
    kind: "startCheck",
    checkId,
    containerId,
    task: { frameworkId, taskId },
    purpose,
    probe: fromInside(spec.probe, task),
    frameworkUser,
  });
}

/** A command looks at the task from inside: as the task's user, with the task's environment and then its own. */
function fromInside(probe: Probe, task: Task): Probe {
  if (probe.kind !== "command") return probe;
  const own = task.toRun?.command;
  const environment = [...(own?.environment ?? []), ...probe.command.environment, ...taskEnvironment(task)];
  return { kind: "command", command: { ...probe.command, environment, uris: [], user: own?.user } };
}
