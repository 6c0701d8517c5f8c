/** What the maintenance suite must have done, whatever kind of cluster it ran on; and its report on real nodes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findMaintenance, type MaintenanceStory } from "../../chaos/report/maintenance.ts";
import type { ReportedRun } from "../../chaos/run-reported.ts";
import { maintenance } from "../../chaos/suites/maintenance.ts";
import type { Tier } from "../../harness/cluster.ts";
import type { RunResult } from "../../harness/run.ts";
import { describeSuite } from "./suite-behaviour.ts";

export function describeMaintenance(tier: Exclude<Tier, "sim">, afterwards?: () => Promise<void>): void {
  const shows = { title: "each machine from its announcement to its return, and what frameworks answered", check: checkReport };
  describeSuite({ suite: maintenance, tier, shows, afterwards });
}

function checkReport(run: ReportedRun, story: string): void {
  const { machines } = checkStory(run, story);
  const html = readFileSync(run.report, "utf8");
  assert.match(html, /aria-label="Maintenance over time"/);
  for (const { machine } of machines) assert.ok(html.includes(`${machine} is DOWN, `), `${machine} is not DOWN in the report`);
}

/** Three machines were DRAINING, then DOWN, then up; the tasks there ended as they should; each framework answered as it does. */
export function checkStory({ events, plan }: RunResult, told: string): MaintenanceStory {
  const story = findMaintenance(events);
  assert.ok(story, told);
  assert.deepEqual(
    story.machines.map(({ machine, spans }) => [machine, spans[0]?.mode, spans.at(-1)?.mode]),
    ["agent-1", "agent-2", "agent-3"].map((machine) => [machine, "draining", "down"]),
    told,
  );
  assert.equal(story.deadMasters.length, 6, told);
  const taken = story.machines.map(({ ends }) => ends.filter(({ reason }) => reason === "REASON_AGENT_DRAINING").length);
  const isEnforced = plan.options.timings.maintenance?.mode === "enforce";
  assert.deepEqual(
    taken.map((count) => count > 0),
    [isEnforced, isEnforced, false],
    told,
  );
  const fates = (framework: string) => new Set(story.questions.filter((one) => one.framework === framework).map(({ fate }) => fate));
  assert.ok(fates("framework-1").has("accepted") && fates("framework-3").has("accepted"), told);
  assert.ok(fates("framework-2").has("declined"), told);
  const unanswered = fates("framework-4");
  assert.ok(unanswered.has("stream closed") && !unanswered.has("accepted") && !unanswered.has("declined"), told);
  assert.deepEqual([...fates("framework-5")], [], told);
  return story;
}
