/** What the smoke suite must do on real nodes, beside what every suite must: show each announced loss in its report. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findDrains } from "../../chaos/report/drains.ts";
import type { ReportedRun } from "../../chaos/run-reported.ts";
import { smoke } from "../../chaos/suites/smoke.ts";
import type { Tier } from "../../harness/cluster.ts";
import { describeSuite } from "./suite-behaviour.ts";

/** The promise is 20 ms on an idle machine; pings would take three seconds here. What lies between is the machine's own. */
const announcedWithinMs = 1_500;

export function describeSmoke(tier: Exclude<Tier, "sim">, afterwards?: () => Promise<void>): void {
  const shows = { title: "TASK_LOST for every task of the drained agent, soon after the signal", check: checkDrain };
  describeSuite({ suite: smoke, tier, shows, afterwards });
}

function checkDrain(run: ReportedRun, story: string): void {
  const [drain] = findDrains(run.events);
  assert.ok(drain, story);
  assert.ok(drain.tasks.length > 0, `no task ran on ${drain.node}\n${story}`);
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
}
