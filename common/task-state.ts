/** Task states of mesos.v1 and what they mean; the names are those of the wire. */

export const taskStates = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
] as const;

export type TaskState = (typeof taskStates)[number];

const terminalStates: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_ERROR",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);

/** Whether a task in this state will never run again. UNREACHABLE and UNKNOWN are not terminal. */
export function isTerminal(state: TaskState): boolean {
  return terminalStates.has(state);
}

const partitionStates: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
]);

/** What a framework is told: one without PARTITION_AWARE hears LOST for each of the finer states. */
export function stateForFramework(state: TaskState, partitionAware: boolean): TaskState {
  return !partitionAware && partitionStates.has(state) ? "TASK_LOST" : state;
}
