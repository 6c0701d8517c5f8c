/** What the report of a run tells of maintenance, from histories written by hand. */

import assert from "node:assert/strict";
import { findMaintenance } from "../../chaos/report/maintenance.ts";
import { maintenanceSvg } from "../../chaos/report/maintenance-svg.ts";
import type { HistoryEvent } from "../../harness/history/event.ts";
import { cluster, type HistoryBuilder } from "../harness/history-builder.ts";

const machine = { hostname: "agent-1" };

const storyOf = ({ events }: { readonly events: readonly HistoryEvent[] }) => {
  const story = findMaintenance(events);
  assert.ok(story);
  return story;
};

const spansOf = (history: HistoryBuilder) =>
  storyOf(history).machines.map(({ machine: name, spans }) => [name, spans.map(({ mode, fromMs, toMs }) => [mode, toMs > fromMs])]);

describe("the report on maintenance", () => {
  it("is not there where nobody planned any", () => {
    assert.equal(findMaintenance(cluster().events), undefined);
    assert.equal(maintenanceSvg(cluster().events), "");
  });

  it("follows a machine from its announcement to its return", () => {
    const history = cluster()
      .schedule([machine, { hostname: "agent-2" }])
      .startMaintenance()
      .wait(1_000)
      .stopMaintenance()
      .wait(1_000)
      .plan([])
      .wait(1_000)
      .exited("master-1");
    assert.deepEqual(spansOf(history), [
      [
        "agent-1",
        [
          ["draining", true],
          ["down", true],
        ],
      ],
      ["agent-2", [["draining", true]]],
    ]);
    const end = history.events.at(-1)?.atMs ?? 0;
    for (const { spans } of storyOf(history).machines) for (const { toMs } of spans) assert.ok(toMs <= end - 1_000);
  });

  it("does not believe an order that was refused or got no answer, and learns from the next look what became of it", () => {
    const history = cluster().schedule([machine]);
    const unavailability = history.window;
    history.startMaintenance([machine], "fail").startMaintenance([machine], "info").wait(100);
    assert.deepEqual(spansOf(history), [["agent-1", [["draining", true]]]]);
    const looked = history.ask({ kind: "progress", machines: [{ machine, isDown: true, unavailability, phase: "down", agents: [] }] });
    assert.deepEqual(
      storyOf(looked.wait(10).exited("master-1")).machines[0]?.spans.map(({ mode }) => mode),
      ["draining", "down"],
    );
    assert.deepEqual(
      storyOf(looked).acts.map(({ outcome }) => outcome),
      ["done", "refused", "no answer"],
    );
  });

  it("tells of each inverse offer how it ended", () => {
    const history = cluster().schedule([machine]);
    for (const id of ["yes", "no", "back", "lost"]) history.inverseOffer(id);
    history.answerInverseOffer("yes").answerInverseOffer("no", { accepts: false }).rescindInverseOffer("back");
    history.close().subscribe("f1").inverseOffer("late");
    assert.deepEqual(
      storyOf(history).questions.map(({ machine: name, fate }) => [name, fate]),
      ["accepted", "declined", "rescinded", "stream closed", "open"].map((fate) => ["agent-1", fate]),
    );
    assert.equal(storyOf(history).absences.get("f1")?.length, 2, "before its first subscription, and between the two");
  });

  it("tells which tasks ended on the machine, each once, and how long the master was dead", () => {
    const history = cluster().runTask("T1").runTask("elsewhere", { agent: "A2", node: "agent-2" }).schedule([machine]);
    for (let count = 0; count < 2; count++) history.update("T1", "TASK_KILLED", { reason: "REASON_AGENT_DRAINING" });
    history.exited("master-1").wait(500).started("master-1", 1);
    const { machines, deadMasters } = storyOf(history);
    assert.deepEqual(
      machines.map(({ ends }) => ends.map(({ taskId, reason }) => [taskId, reason])),
      [[["T1", "REASON_AGENT_DRAINING"]]],
    );
    assert.deepEqual(
      deadMasters.map(({ who, fromMs, toMs }) => [who, toMs - fromMs > 500]),
      [["master-1", true]],
    );
  });

  it("is one picture that needs nothing else and shows hostile text as text", () => {
    const hostile = cluster().schedule([{ hostname: "<script>alert(1)</script>" }]);
    const html = maintenanceSvg(hostile.inverseOffer("i").events);
    assert.match(html, /^<h2>Maintenance over time<\/h2>\n<svg /);
    assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt; is DRAINING/);
    assert.doesNotMatch(html, /<script|(src|href)=|url\(/);
    assert.equal(html.split("<rect").length, html.split("</rect>").length);
  });
});
