/** The state of a cluster as a reader of an operator's event stream knows it: the first state with every change since, through bytes. */

import assert from "node:assert/strict";
import {
  Event,
  Event_Type,
  type Response_GetAgents_Agent,
  type Response_GetFrameworks_Framework,
  type Response_GetState,
} from "../../../../protos/gen/mesos/v1/master/master.ts";
import { type Task, TaskState } from "../../../../protos/gen/mesos/v1/mesos.ts";
import type { OperatorEvent } from "../../../../server/core/operator/operator-event.ts";
import { encodeOperatorEvent } from "../../../../server/wire/operator-events.ts";
import { encodeSubscribed, finish } from "../../../../server/wire/sliced-state.ts";

const ended: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_FINISHED,
  TaskState.TASK_FAILED,
  TaskState.TASK_KILLED,
  TaskState.TASK_LOST,
  TaskState.TASK_ERROR,
  TaskState.TASK_DROPPED,
  TaskState.TASK_GONE,
  TaskState.TASK_GONE_BY_OPERATOR,
]);

interface KnownTask {
  readonly agent: string;
  readonly state: TaskState;
}

export class ReplayedState {
  readonly #agents = new Map<string, unknown>();
  readonly #frameworks = new Map<string, unknown>();
  readonly #tasks = new Map<string, KnownTask>();
  #isSubscribed = false;

  take(event: OperatorEvent): void {
    const message = Event.decode(
      event.kind === "subscribed" ? finish(encodeSubscribed(event.state, event.heartbeatIntervalMs)) : encodeOperatorEvent(event),
    );
    assert.equal(message.type === Event_Type.SUBSCRIBED, !this.#isSubscribed, "SUBSCRIBED comes first, and once");
    switch (message.type) {
      case Event_Type.SUBSCRIBED:
        this.#begin(message.subscribed?.getState);
        return;
      case Event_Type.TASK_ADDED:
        this.#addTask(message.taskAdded?.task);
        return;
      case Event_Type.TASK_UPDATED:
        this.#updateTask(message);
        return;
      case Event_Type.AGENT_ADDED:
        this.#addAgent(message.agentAdded?.agent);
        return;
      case Event_Type.AGENT_REMOVED:
        assert.ok(this.#agents.delete(message.agentRemoved?.agentId?.value ?? ""), "a removed agent was known");
        return;
      case Event_Type.FRAMEWORK_ADDED:
      case Event_Type.FRAMEWORK_UPDATED:
        this.#addFramework(message);
        return;
      case Event_Type.FRAMEWORK_REMOVED:
        assert.ok(this.#frameworks.delete(message.frameworkRemoved?.frameworkInfo?.id?.value ?? ""), "a removed framework was known");
        return;
      case Event_Type.HEARTBEAT:
        return;
      default:
        assert.fail(`an event of type ${message.type}`);
    }
  }

  /** Throws where the state is not what the events made of the first one. */
  check({ getAgents, getFrameworks, getTasks }: Response_GetState): void {
    const agents = (getAgents?.agents ?? []).map((agent) => [idOf(agent), agentOf(agent)] as const);
    const recovered = (getAgents?.recoveredAgents ?? []).map((info) => [info.id?.value ?? "", "recovered"] as const);
    assert.deepEqual(sorted(this.#agents), sorted([...agents, ...recovered]));
    const frameworks = (getFrameworks?.frameworks ?? []).map((framework) => [nameOf(framework), frameworkOf(framework)] as const);
    assert.deepEqual(sorted(this.#frameworks), sorted(frameworks));
    const { tasks = [], unreachableTasks = [], completedTasks = [] } = getTasks ?? {};
    const living = new Map([...tasks, ...unreachableTasks].map((task) => [keyOf(task), task]));
    for (const task of [...completedTasks.filter((one) => !living.has(keyOf(one))), ...living.values()]) {
      const known = this.#tasks.get(keyOf(task));
      assert.ok(known !== undefined, `task ${keyOf(task)} was told`);
      // Of tasks that had the same id one after the other the last one counts.
      if (living.has(keyOf(task))) assert.deepEqual(known, taskOf(task));
    }
    for (const [key, { state }] of this.#tasks) if (!ended.has(state)) assert.ok(living.has(key) || isCompleted(completedTasks, key), key);
  }

  #begin(state: Response_GetState | undefined): void {
    assert.ok(state !== undefined);
    this.#isSubscribed = true;
    for (const agent of state.getAgents?.agents ?? []) this.#addAgent(agent);
    for (const info of state.getAgents?.recoveredAgents ?? []) this.#agents.set(info.id?.value ?? "", "recovered");
    for (const framework of state.getFrameworks?.frameworks ?? []) this.#frameworks.set(nameOf(framework), frameworkOf(framework));
    const { tasks = [], unreachableTasks = [], completedTasks = [] } = state.getTasks ?? {};
    for (const task of [...completedTasks, ...unreachableTasks, ...tasks]) this.#tasks.set(keyOf(task), taskOf(task));
  }

  #addTask(task: Task | undefined): void {
    assert.ok(task !== undefined && this.#agents.has(task.agentId?.value ?? ""), "the agent of a new task is known");
    assert.ok(this.#frameworks.has(task.frameworkId?.value ?? ""), "the framework of a new task is known");
    this.#tasks.set(keyOf(task), taskOf(task));
  }

  #updateTask({ taskUpdated }: Event): void {
    assert.ok(taskUpdated !== undefined);
    const { frameworkId, status, state } = taskUpdated;
    const key = `${frameworkId?.value}/${status?.taskId?.value}`;
    const known = this.#tasks.get(key);
    assert.ok(known !== undefined, `task ${key} is known before its updates`);
    // An older task of the same id may still end.
    if (known.agent === status?.agentId?.value || status?.agentId === undefined) this.#tasks.set(key, { ...known, state });
  }

  #addAgent(agent: Response_GetAgents_Agent | undefined): void {
    assert.ok(agent !== undefined);
    this.#agents.set(idOf(agent), agentOf(agent));
  }

  #addFramework(event: Event): void {
    const isNew = event.type === Event_Type.FRAMEWORK_ADDED;
    const framework = (isNew ? event.frameworkAdded : event.frameworkUpdated)?.framework;
    assert.ok(framework !== undefined);
    assert.equal(this.#frameworks.has(nameOf(framework)), !isNew);
    this.#frameworks.set(nameOf(framework), frameworkOf(framework));
  }
}

function idOf({ agentInfo }: Response_GetAgents_Agent): string {
  return agentInfo?.id?.value ?? "";
}

/** Without what offers and tasks change. */
function agentOf(agent: Response_GetAgents_Agent): unknown {
  const { allocatedResources: _, offeredResources: __, ...rest } = agent;
  return plain(rest);
}

function nameOf({ frameworkInfo }: Response_GetFrameworks_Framework): string {
  return frameworkInfo?.id?.value ?? "";
}

function frameworkOf({ frameworkInfo, active, connected, recovered, reregisteredTime }: Response_GetFrameworks_Framework): unknown {
  return plain({ frameworkInfo, active, connected, recovered, reregisteredTime });
}

function keyOf({ frameworkId, taskId }: Task): string {
  return `${frameworkId?.value}/${taskId?.value}`;
}

function taskOf({ agentId, state }: Task): KnownTask {
  return { agent: agentId?.value ?? "", state };
}

function isCompleted(tasks: readonly Task[], key: string): boolean {
  return tasks.some((task) => keyOf(task) === key);
}

/** Undefined and absent are the same. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? `${one}` : one)));
}

function sorted(entries: Iterable<readonly [string, unknown]>): readonly (readonly [string, unknown])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
