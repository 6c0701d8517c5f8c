/** What a reader of the event stream knew, and when: the state that its stream began with, and each change. */

import type { ReadAgentJson, ReaderEventJson, ReadTaskJson } from "../history/reader-json.ts";
import type { ReaderLife } from "../history/reader-lives.ts";

/** Undefined: not known any more. */
interface Change {
  readonly atMs: number;
  readonly value: string | undefined;
}

/** A gap: the event names what the stream never told, or told to be gone. */
export interface Gap {
  readonly message: string;
  readonly seq: number;
}

type Kind = "agent" | "task" | "framework";

export class ReaderBook {
  /** By kind and id, in order. */
  readonly #changes: Readonly<Record<Kind, Map<string, Change[]>>> = { agent: new Map(), task: new Map(), framework: new Map() };
  readonly gap: Gap | undefined;

  constructor({ events }: ReaderLife) {
    for (const { seq, atMs, event } of events) {
      const message = this.#read(event, atMs, seq === events[0]?.seq);
      if (message !== undefined) this.gap ??= { message, seq };
    }
  }

  ids(kind: Kind): Iterable<string> {
    return this.#changes[kind].keys();
  }

  /** Everything that the reader took for true at some time between two instants. */
  valuesIn(kind: Kind, id: string, fromMs: number, toMs: number): readonly (string | undefined)[] {
    const changes = this.#changes[kind].get(id) ?? [];
    const before = changes.findLast(({ atMs }) => atMs < fromMs);
    return [before?.value, ...changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ value }) => value)];
  }

  /** Says what of the event the reader cannot know. */
  #read(event: ReaderEventJson, atMs: number, isFirst: boolean): string | undefined {
    if (isFirst !== (event.kind === "subscribed")) return `${event.kind} is ${isFirst ? "" : "not "}the first event`;
    switch (event.kind) {
      case "subscribed":
        for (const agentId of event.awaitedAgentIds) this.#set("agent", agentId, { atMs, value: awaited });
        for (const agent of event.agents) this.#set("agent", agent.agentId, { atMs, value: agentValue(agent) });
        for (const framework of event.frameworks) this.#set("framework", framework.frameworkId, { atMs, value: connection(framework) });
        for (const task of event.tasks) this.#set("task", taskId(task), { atMs, value: task.state });
        return undefined;
      case "taskAdded":
        this.#set("task", taskId(event.task), { atMs, value: event.task.state });
        return undefined;
      case "taskUpdated":
        return this.#change("task", taskId(event.task), { atMs, value: event.task.state });
      case "agentAdded":
        this.#set("agent", event.agent.agentId, { atMs, value: agentValue(event.agent) });
        return undefined;
      case "agentRemoved":
        return this.#change("agent", event.agentId, { atMs, value: undefined });
      case "frameworkAdded":
        this.#set("framework", event.framework.frameworkId, { atMs, value: connection(event.framework) });
        return undefined;
      case "frameworkUpdated":
        return this.#change("framework", event.framework.frameworkId, { atMs, value: connection(event.framework) });
      case "frameworkRemoved":
        return this.#change("framework", event.frameworkId, { atMs, value: undefined });
      default:
        return event satisfies never;
    }
  }

  #change(kind: Kind, id: string, change: Change): string | undefined {
    const isKnown = this.#changes[kind].get(id)?.at(-1)?.value !== undefined;
    this.#set(kind, id, change);
    return isKnown ? undefined : `${kind} ${id} changes, and was not told to be there`;
  }

  #set(kind: Kind, id: string, change: Change): void {
    const changes = this.#changes[kind].get(id);
    if (changes === undefined) this.#changes[kind].set(id, [change]);
    else changes.push(change);
  }
}

/** Of an agent that the leader waits for. */
export const awaited = "awaited";

export function agentValue({ active, deactivated }: Pick<ReadAgentJson, "active" | "deactivated">): string {
  return `${active ? "active" : "not active"}${deactivated ? ", deactivated" : ""}`;
}

export function connection({ connected }: { readonly connected: boolean }): string {
  return connected ? "connected" : "not connected";
}

export function taskId({ frameworkId, taskId: id }: Pick<ReadTaskJson, "frameworkId" | "taskId">): string {
  return `${id} of ${frameworkId}`;
}
