import assert from "node:assert/strict";
import { oneOffEnd } from "../../cli/one-off-end.ts";
import { TaskState, TaskStatus, TaskStatus_Reason } from "../../protos/gen/mesos/v1/mesos.ts";

const endOf = (state: TaskState, message?: string) =>
  oneOffEnd(TaskStatus.fromPartial({ state, ...(message === undefined ? {} : { message }) }));

describe("the exit code of `tepui run`", () => {
  it("is there when the task has ended", () => {
    for (const state of [TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING])
      assert.equal(endOf(state), undefined);
    assert.deepEqual(endOf(TaskState.TASK_FINISHED, "command exited with status 0"), { exitCode: 0, complaint: undefined });
  });

  it("is the command's own", () => {
    assert.deepEqual(endOf(TaskState.TASK_FAILED, "command exited with status 42"), { exitCode: 42, complaint: undefined });
  });

  it("is 128 and the signal, as a shell has it", () => {
    assert.deepEqual(endOf(TaskState.TASK_FAILED, "command was ended by signal 9"), {
      exitCode: 137,
      complaint: "the task is failed: command was ended by signal 9",
    });
  });

  it("waits for the update where reconciliation was answered with the end, which does not say how", () => {
    const answer = { message: "Reconciliation: latest task state", reason: TaskStatus_Reason.REASON_RECONCILIATION };
    const of = (state: TaskState) => oneOffEnd(TaskStatus.fromPartial({ state, ...answer }));
    for (const state of [TaskState.TASK_FAILED, TaskState.TASK_FINISHED, TaskState.TASK_KILLED]) assert.equal(of(state), undefined);
    assert.equal(of(TaskState.TASK_LOST)?.exitCode, 125, "of a task that nobody has there is no update");
  });

  it("is 125 when it was not the command that ended", () => {
    assert.deepEqual(endOf(TaskState.TASK_GONE_BY_OPERATOR), { exitCode: 125, complaint: "the task is gone by operator" });
    assert.equal(endOf(TaskState.TASK_LOST, "the agent left")?.exitCode, 125);
    assert.equal(endOf(TaskState.TASK_FAILED, "the task could not be launched: command exited with status 1")?.exitCode, 125);
  });
});
