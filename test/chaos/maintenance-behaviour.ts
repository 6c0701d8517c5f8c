/** What the maintenance suite must have done, whatever kind of cluster it ran on; and its report on real nodes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findMaintenance, type MaintenanceStory } from "../../chaos/report/maintenance.ts";
import type { ReportedRun } from "../../chaos/run-reported.ts";
import { maintenance } from "../../chaos/suites/maintenance.ts";
import type { Tier } from "../../harness/cluster.ts";
import type { HistoryEvent } from "../../harness/history/event.ts";
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
  const isTaken = story.machines.map(({ ends }) => ends.some(({ reason }) => reason === "REASON_AGENT_DRAINING"));
  const isEnforced = plan.options.timings.maintenance?.mode === "enforce";
  // The agent of the first may be away for so long that it is given up, and what it has with it.
  assert.deepEqual(isTaken.slice(1), [isEnforced, false], told);
  assert.ok(isEnforced || isTaken[0] === false, told);
  // Where windows are not enforced, the second agent has nothing to say while it is cut off, and nobody sees that.
  for (const machine of isEnforced ? ["agent-1", "agent-2"] : ["agent-1"])
    assert.ok(outageOf(events, machine), `${machine} was not out\n${told}`);
  const fates = (framework: string) => new Set(story.questions.filter((one) => one.framework === framework).map(({ fate }) => fate));
  assert.ok(fates("framework-1").has("accepted") && fates("framework-3").has("accepted"), told);
  assert.ok(fates("framework-2").has("declined"), told);
  const unanswered = fates("framework-4");
  assert.ok(unanswered.has("stream closed") && !unanswered.has("accepted") && !unanswered.has("declined"), told);
  assert.deepEqual([...fates("framework-5")], [], told);
  return story;
}

export interface SeenOutage {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** When the agent of a machine was stopped or cut off, which was seen to bite and to be over. */
export function outageOf(events: readonly HistoryEvent[], machine: string): SeenOutage | undefined {
  const begin = events.find((event) => event.kind === "faultBegin" && event.target === machine && /^(pause|cut)-agent$/.test(event.name));
  if (begin?.kind !== "faultBegin") return undefined;
  const own = events.filter((event) => (event.kind === "faultProbe" || event.kind === "faultEnd") && event.fault === begin.fault);
  const results = own.flatMap((event) => (event.kind === "faultProbe" ? [event.result] : []));
  const end = own.find(({ kind }) => kind === "faultEnd");
  if (!results.includes("bit") || !results.includes("healed") || end === undefined) return undefined;
  return { name: begin.name, fromMs: begin.atMs, toMs: end.atMs };
}
