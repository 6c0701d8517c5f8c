/** What every suite must do on real nodes: pass, print what was done, leave its files, and leave nothing running. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ReportedRun, runReported } from "../../chaos/run-reported.ts";
import type { Suite } from "../../chaos/suites/suite.ts";
import type { Tier } from "../../harness/cluster.ts";

export interface SuiteBehaviour {
  readonly suite: Suite;
  readonly tier: Exclude<Tier, "sim">;
  /** What the report of this suite is for. */
  readonly shows: { readonly title: string; readonly check: (run: ReportedRun, story: string) => void };
  /** Looks for what the kind of cluster may have left. */
  readonly afterwards?: (() => Promise<void>) | undefined;
}

export function describeSuite({ suite, tier, shows, afterwards }: SuiteBehaviour): void {
  const seed = Number(process.env["TEPUI_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

  describe(`the ${suite.name} suite on ${tier}, seed ${seed}`, () => {
    const lines: string[] = [];
    let run: ReportedRun;

    before(async () => {
      run = await runReported(suite.plan(seed, tier), { print: (line) => lines.push(line) });
    });
    after(() => {
      // The report of a failure is what one wants to look at.
      if (run?.verdict === "pass") rmSync(run.folder, { recursive: true, force: true });
    });

    it("passes", () => {
      assert.equal(run.verdict, "pass", lines.join("\n"));
    });

    it("prints its options first and one replay line last", () => {
      assert.ok(lines[0]?.startsWith(`options: {"seed":${seed},"tier":"${tier}","suite":"${suite.name}"`), lines[0]);
      assert.equal(lines.at(-1), `replay: npm run chaos -- ${suite.name} --tier ${tier} --seed ${seed}`);
      assert.equal(lines.filter((line) => line.startsWith("replay: ")).length, 1);
    });

    it(`shows in its report ${shows.title}`, () => shows.check(run, lines.join("\n")));

    it("leaves plan, history, reports and the logs of its nodes", () => {
      const { masterCount, agentCount } = run.plan.options;
      const logs = (kind: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}.log`);
      const files = ["plan.json", "history.jsonl", "report.html", "junit.xml"];
      assert.deepEqual(
        [...files, ...logs("master", masterCount), ...logs("agent", agentCount)].filter((name) => !existsSync(join(run.folder, name))),
        [],
        readdirSync(run.folder).join(" "),
      );
    });

    it("leaves no process behind", async () => {
      const ours = [...readdirSync("/proc")].filter((pid) => /^\d+$/.test(pid) && isOf(run.folder, pid));
      assert.deepEqual(ours, []);
      await afterwards?.();
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
