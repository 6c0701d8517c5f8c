/** Supervisors that take one task after the other, seen through the runtime: with cgroups where this machine lets us, and without. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readProcess, readProcessTable } from "../../../agent/containers/process-table.ts";
import { idOf, until, useRuntimes } from "./runtime-bench.ts";

for (const useCgroups of [true, false]) {
  describe(`supervisors of many tasks, ${useCgroups ? "with cgroups if they can be used" : "without cgroups"}`, () => {
    const runtimes = useRuntimes({ useCgroups });
    const { open, boot, supervisorOf } = runtimes;

    /** Of the supervisor's session, without itself. */
    const tasksOf = (supervisor: number): readonly number[] =>
      [...readProcessTable().values()]
        .filter(({ pid, sessionId, isDead }) => sessionId === supervisor && pid !== supervisor && !isDead)
        .map(({ pid }) => pid);

    it("take the next task when the one before has ended, unless they were killed meanwhile", async () => {
      const bench = boot();
      const pids: number[] = [];
      for (const id of ["p1", "p2", "p3"]) {
        bench.launch(id, "true");
        await bench.next("containerExited");
        pids.push(supervisorOf(id));
        if (id === "p2") process.kill(supervisorOf(id), "SIGKILL");
        await until(() => id !== "p2" || readProcess(supervisorOf(id)) === undefined);
      }
      assert.equal(pids[0], pids[1]);
      assert.notEqual(pids[1], pids[2]);
    });

    it("do not lose the task that they have for the sake of one that they had before the agent crashed", async () => {
      const first = boot();
      first.launch("1-old", "true");
      await first.next("containerExited");
      first.launch("2-new", "exec sleep 3600");
      await until(() => tasksOf(supervisorOf("1-old")).length > 0);
      assert.equal(supervisorOf("1-old"), supervisorOf("2-new"));
      first.runtime.close();
      const second = open();
      assert.deepEqual(second.runtime.recover(), [
        { containerId: idOf("1-old"), state: "ended", exit: { kind: "exited", code: 0 } },
        { containerId: idOf("2-new"), state: "running" },
      ]);
      second.runtime.remove(idOf("1-old"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(tasksOf(supervisorOf("2-new")).length, 1);
      second.runtime.kill(idOf("2-new"), 0);
      assert.equal((await second.next("containerExited")).containerId, idOf("2-new"));
    });

    it("bring a SIGTERM to a task that was not there yet when it was sent, although they do not heed it themselves", async () => {
      const bench = boot();
      bench.launch("warm", "true");
      await bench.next("containerExited");
      for (let index = 0; index < 10; index++) {
        const id = `term-${index}`;
        bench.launch(id, "exec sleep 3600");
        bench.runtime.kill(idOf(id), 3_600_000);
        assert.deepEqual((await bench.next("containerExited")).exit, { kind: "signalled", signal: 15 });
      }
    });

    it("end with the agent when they have no task, and after it when they have one", async () => {
      const bench = boot();
      bench.launch("idle", "true");
      await bench.next("containerExited");
      bench.launch("busy", "exec sleep 3600");
      bench.launch("short", "true");
      await bench.next("containerExited");
      const [busy, idle] = [supervisorOf("busy"), supervisorOf("short")];
      await until(() => tasksOf(busy).length > 0);
      bench.runtime.close();
      await until(() => readProcess(idle) === undefined);
      assert.equal(readProcess(busy)?.isDead, false);
      for (const pid of tasksOf(busy)) process.kill(pid, "SIGTERM");
      await until(() => readProcess(busy) === undefined);
      assert.match(readFileSync(join(runtimes.folder, "containers/records", idOf("busy")), "utf8"), /\nended 143\n/);
    });
  });
}
