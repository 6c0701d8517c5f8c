/** The tasks of a framework of the workload, as far as it knows. */

import { isTerminal, type TaskState } from "../../common/task-state.ts";
import type { CallJson, FrameworkName, StatusJson } from "../history/event.ts";
import type { KnownTask } from "./knowledge.ts";

/** A long run must not remember all. */
const finishedTasksMax = 500;

type Accept = Extract<CallJson, { kind: "accept" }>;

export class TaskBook {
  readonly #framework: FrameworkName;
  readonly #tasks = new Map<string, KnownTask>();
  #nextTask = 1;

  constructor(framework: FrameworkName) {
    this.#framework = framework;
  }

  get all(): ReadonlyMap<string, KnownTask> {
    return this.#tasks;
  }

  newTaskId(): string {
    return `${this.#framework}-task-${this.#nextTask++}`;
  }

  live(): KnownTask[] {
    return [...this.#tasks.values()].filter((task) => !task.isOver);
  }

  /** The call is made. */
  launched({ tasks, group }: Accept): void {
    for (const { taskId, agentId, executorId = group?.executorId } of tasks) {
      const known = this.#tasks.get(taskId);
      if (known !== undefined) known.twinCount++;
      else this.#tasks.set(taskId, { taskId, agentId, executorId, state: "TASK_STAGING", isOver: false, toldBy: undefined, twinCount: 0 });
    }
  }

  /** A refused call had no effect: its tasks do not exist. */
  refused({ tasks }: Accept): void {
    for (const { taskId } of tasks) {
      const task = this.#tasks.get(taskId);
      if (task !== undefined && task.twinCount > 0) task.twinCount--;
      else if (task?.state === "TASK_STAGING") this.#tasks.delete(taskId);
    }
  }

  /** `masterId`: who says so. */
  heard(status: StatusJson, masterId: string | undefined): void {
    const task = this.#tasks.get(status.taskId);
    if (task === undefined) return;
    task.toldBy = masterId;
    // One of several tasks of this id is over: usually the launch that was refused. After a failover both may have run.
    if (task.twinCount > 0 && isTerminal(status.state as TaskState)) {
      task.twinCount--;
      return;
    }
    task.state = status.state;
    task.agentId = status.agentId ?? task.agentId;
    // UNKNOWN is an end only when the agent was named: otherwise it may be on an agent that is away.
    task.isOver = isTerminal(status.state as TaskState) || (status.state === "TASK_UNKNOWN" && status.agentId !== undefined);
    if (task.isOver) this.#forgetFinished();
  }

  /** Nobody waits for any of them any more. */
  endAll(): void {
    for (const task of this.#tasks.values()) task.isOver = true;
  }

  #forgetFinished(): void {
    if (this.#tasks.size <= finishedTasksMax) return;
    for (const [taskId, task] of this.#tasks) {
      if (task.isOver) {
        this.#tasks.delete(taskId);
        return;
      }
    }
  }
}
