/** What the smoke suite must do on real nodes: pass, show each announced loss in its report, and leave nothing behind. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findDrains } from "../../chaos/report/drains.ts";
import { type ReportedRun, runReported } from "../../chaos/run-reported.ts";
import { smoke } from "../../chaos/suites/smoke.ts";
import type { Tier } from "../../harness/cluster.ts";

/** The promise is 20 ms on an idle machine; pings would take three seconds here. What lies between is the machine's own. */
const announcedWithinMs = 1_500;

/** `afterwards` looks for what the kind of cluster may have left. */
export function describeSmoke(tier: Exclude<Tier, "sim">, afterwards: () => Promise<void> = () => Promise.resolve()): void {
  const seed = Number(process.env["TEPUI_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

  describe(`the smoke suite on ${tier}, seed ${seed}`, () => {
    const lines: string[] = [];
    let run: ReportedRun;

    before(async () => {
      run = await runReported(smoke.plan(seed, tier), { print: (line) => lines.push(line) });
    });
    after(() => {
      // The report of a failure is what one wants to look at.
      if (run?.verdict === "pass") rmSync(run.folder, { recursive: true, force: true });
    });

    it("passes", () => {
      assert.equal(run.verdict, "pass", lines.join("\n"));
    });

    it("prints its options first and one replay line last", () => {
      assert.ok(lines[0]?.startsWith(`options: {"seed":${seed},"tier":"${tier}","suite":"smoke"`), lines[0]);
      assert.equal(lines.at(-1), `replay: npm run chaos -- smoke --tier ${tier} --seed ${seed}`);
      assert.equal(lines.filter((line) => line.startsWith("replay: ")).length, 1);
    });

    it("shows in its report TASK_LOST for every task of the drained agent, soon after the signal", () => {
      const [drain] = findDrains(run.events);
      assert.ok(drain, lines.join("\n"));
      assert.ok(drain.tasks.length > 0, `no task ran on ${drain.node}\n${lines.join("\n")}`);
      const html = readFileSync(run.report, "utf8");
      for (const { taskId, framework, state, announcedAfterMs, isAway } of drain.tasks) {
        // One framework has left for good by then.
        if (isAway) continue;
        // A task may end by itself just before.
        assert.ok(
          state === "TASK_LOST" || state === "TASK_GONE" || state === "TASK_FINISHED" || state === "TASK_FAILED",
          `${taskId}: ${state}`,
        );
        assert.ok(announcedAfterMs !== undefined && announcedAfterMs < announcedWithinMs, `${taskId}: ${announcedAfterMs} ms`);
        assert.ok(html.includes(`<td>${taskId}</td><td>${framework}</td><td>${state}</td>`), `${taskId} is not in the report`);
      }
      assert.ok(
        drain.tasks.some(({ state }) => state === "TASK_LOST"),
        JSON.stringify(drain.tasks),
      );
    });

    it("leaves plan, history, reports and the logs of its nodes", () => {
      const expected = [
        "plan.json",
        "history.jsonl",
        "report.html",
        "junit.xml",
        "master-1.log",
        "agent-1.log",
        "agent-2.log",
        "agent-3.log",
      ];
      assert.deepEqual(
        expected.filter((name) => !existsSync(join(run.folder, name))),
        [],
        readdirSync(run.folder).join(" "),
      );
    });

    it("leaves no process behind", async () => {
      const ours = [...readdirSync("/proc")].filter((pid) => /^\d+$/.test(pid) && isOf(run.folder, pid));
      assert.deepEqual(ours, []);
      await afterwards();
    });
  });
}

/** Whether a process names the folder in its command line or its environment. */
function isOf(folder: string, pid: string): boolean {
  return [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some((path) => {
    try {
      return readFileSync(path, "utf8").includes(folder);
    } catch {
      // It ended while it was looked at.
      return false;
    }
  });
}
