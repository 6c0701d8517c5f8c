/** What the last update of a one-off task means for the exit code of `tepui run`. */

import { TaskState, type TaskStatus, TaskStatus_Reason } from "../protos/gen/mesos/v1/mesos.ts";
import { taskStateText } from "./cluster-words.ts";

/** Not the task's: it was never run, or nobody knows how it ended. As `docker run` has it. */
export const notRunExitCode = 125;

/** As a shell says it of what Ctrl-C ended. */
export const interruptedExitCode = 130;

const signalBase = 128;

export interface OneOffEnd {
  readonly exitCode: number;
  /** For stderr; undefined where the exit code says it all. */
  readonly complaint: string | undefined;
}

const toldByItself: readonly TaskState[] = [TaskState.TASK_FINISHED, TaskState.TASK_FAILED, TaskState.TASK_KILLED];

/**
 * Undefined while the task has not ended, and for an answer to reconciliation that says it has: how, only the update says, which comes as
 * long as it is not acknowledged.
 */
export function oneOffEnd({ state, message = "", reason, uuid }: TaskStatus): OneOffEnd | undefined {
  const isAnswer = reason === TaskStatus_Reason.REASON_RECONCILIATION && uuid === undefined;
  if (isAnswer && toldByItself.includes(state)) return undefined;
  switch (state) {
    case TaskState.TASK_STAGING:
    case TaskState.TASK_STARTING:
    case TaskState.TASK_RUNNING:
    case TaskState.TASK_KILLING:
      return undefined;
    case TaskState.TASK_FINISHED:
      return { exitCode: 0, complaint: undefined };
    default: {
      const complaint = `the task is ${taskStateText(state)}${message === "" ? "" : `: ${message}`}`;
      // Only there the protocol says how a command ended.
      const [, status] = /^command exited with status (\d+)$/.exec(message) ?? [];
      if (status !== undefined && state === TaskState.TASK_FAILED) return { exitCode: Number(status), complaint: undefined };
      const [, signal] = /^command was ended by signal (\d+)/.exec(message) ?? [];
      return { exitCode: signal === undefined ? notRunExitCode : signalBase + Number(signal), complaint };
    }
  }
}
