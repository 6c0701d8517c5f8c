/** What each drain now did, as frameworks saw it: which tasks were announced lost, and how soon. */

import type { HistoryEvent, NodeName } from "../../harness/history/event.ts";

export interface DrainedTask {
  readonly taskId: string;
  readonly framework: string;
  /** Milliseconds from the signal to the terminal update; undefined when none came. */
  readonly announcedAfterMs: number | undefined;
  readonly state: string | undefined;
  /** The framework was not subscribed at the signal, so it could only learn later, by reconciling. */
  readonly isAway: boolean;
}

export interface Drain {
  readonly node: NodeName;
  readonly agentId: string;
  readonly atMs: number;
  readonly exitedAfterMs: number | undefined;
  readonly tasks: readonly DrainedTask[];
}

const terminal = new Set(["TASK_LOST", "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_GONE", "TASK_DROPPED", "TASK_ERROR"]);

/** One entry for each SIGUSR1 of the history, in order. */
export function findDrains(events: readonly HistoryEvent[]): readonly Drain[] {
  const agentIds = new Map<NodeName, string>();
  const running = new Map<string, { taskId: string; framework: string; agentId: string }>();
  const openStreams = new Map<string, string>();
  const drains: Drain[] = [];
  for (const [index, event] of events.entries()) {
    if (event.kind === "agentRegistered") agentIds.set(event.node, event.agentId);
    if (event.kind === "event" && event.event.kind === "subscribed") openStreams.set(event.framework, event.streamId);
    if (event.kind === "streamClosed" && openStreams.get(event.framework) === event.streamId) openStreams.delete(event.framework);
    if (event.kind === "event" && event.event.kind === "update") {
      const { taskId, agentId = "", state } = event.event.status;
      const key = `${event.framework} ${taskId}`;
      if (state === "TASK_RUNNING") running.set(key, { taskId, framework: event.framework, agentId });
      if (terminal.has(state)) running.delete(key);
    }
    const agentId = event.kind === "faultBegin" && event.name === "drain-now" ? agentIds.get(event.target) : undefined;
    if (event.kind !== "faultBegin" || agentId === undefined) continue;
    const tasks = [...running.values()]
      .filter((task) => task.agentId === agentId)
      .map((task) => ({ ...task, isAway: !openStreams.has(task.framework) }));
    drains.push(toDrain({ node: event.target, agentId, atMs: event.atMs, tasks, later: events.slice(index + 1) }));
  }
  return drains;
}

function toDrain(begin: {
  node: NodeName;
  agentId: string;
  atMs: number;
  tasks: readonly { taskId: string; framework: string; isAway: boolean }[];
  later: readonly HistoryEvent[];
}): Drain {
  const { node, agentId, atMs, later } = begin;
  const exit = later.find((event) => event.kind === "nodeExited" && event.node === node);
  const tasks = begin.tasks.map(({ taskId, framework, isAway }): DrainedTask => {
    const end = later.find((event) => isEnd(event, framework, taskId));
    const state = end?.kind === "event" && end.event.kind === "update" ? end.event.status.state : undefined;
    return { taskId, framework, isAway, state, announcedAfterMs: end === undefined ? undefined : end.atMs - atMs };
  });
  return { node, agentId, atMs, exitedAfterMs: exit === undefined ? undefined : exit.atMs - atMs, tasks };
}

function isEnd(event: HistoryEvent, framework: string, taskId: string): boolean {
  if (event.kind !== "event" || event.framework !== framework || event.event.kind !== "update") return false;
  return event.event.status.taskId === taskId && terminal.has(event.event.status.state);
}
