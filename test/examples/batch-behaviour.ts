/** What each example must do, in whatever language it is written: one batch, each task to its end exactly once. */

import assert from "node:assert/strict";
import { ExampleCluster, ExampleRun } from "./example-cluster.ts";

const taskCount = 10;
const everyTask = [...Array(taskCount).keys()];

/** `program` is what starts the example, before its flags. */
export function describeBatch(language: string, program: readonly string[]): void {
  describe(`the example in ${language}`, () => {
    let cluster: ExampleCluster;
    const runs: ExampleRun[] = [];

    before(async () => {
      cluster = await ExampleCluster.start();
    });
    afterEach(() => {
      for (const run of runs.splice(0)) run.end();
    });
    after(() => cluster[Symbol.asyncDispose]());

    const start = (...flags: string[]): ExampleRun => {
      const run = new ExampleRun([...program, "--master", cluster.address, ...flags]);
      runs.push(run);
      return run;
    };

    it("runs each task of its batch to the end exactly once", async () => {
      const run = start("--tasks", String(taskCount), "--command", cluster.loggedCommand("sleep 0.1"));
      assert.equal(await run.exited, 0, run.text);
      assert.deepEqual(run.finishedTasks(), everyTask, run.text);
      assert.equal(cluster.runCount, taskCount);
      assert.equal(run.lines.at(-1), `all ${taskCount} tasks finished`);
    });

    it("survives that the master and an agent are killed in the middle", async () => {
      const run = start("--tasks", String(taskCount), "--command", "sleep 1");
      await run.printed(/TASK_RUNNING/);
      await cluster.killMaster();
      await run.printed(/^disconnected/);
      await cluster.startMaster();
      await run.printed(/TASK_FINISHED/, 2);
      await cluster.killAgent(1);
      await cluster.startAgent(1);
      assert.equal(await run.exited, 0, run.text);
      assert.deepEqual(run.finishedTasks(), everyTask, run.text);
    });

    it("runs the batch in an executor of its own, also when the master and an agent are killed in the middle", async () => {
      const before = cluster.runCount;
      const run = start("--executor", "--tasks", String(taskCount), "--command", cluster.loggedCommand("sleep 1"));
      await run.printed(/TASK_RUNNING/, 4);
      await cluster.killAgent(1);
      await cluster.killMaster();
      await cluster.startMaster();
      await cluster.startAgent(1);
      assert.equal(await run.exited, 0, run.text);
      assert.deepEqual(run.finishedTasks(), everyTask, run.text);
      assert.equal(cluster.runCount - before, taskCount, "no task ran twice");
    });

    it("ends with a reason when a task fails", async () => {
      const run = start("--tasks", "1", "--command", "exit 3");
      assert.equal(await run.exited, 1, run.text);
      assert.match(run.text, /task-0-0 cannot succeed: .*3/);
    });

    it("refuses a number of tasks that is none", async () => {
      for (const wrong of ["0", "many"]) {
        const run = start("--tasks", wrong);
        assert.equal(await run.exited, 2, run.text);
        assert.match(run.text, /--tasks/);
      }
    });
  });
}
