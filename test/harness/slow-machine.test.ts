/** Which runs a slow machine leaves undecided. */

import assert from "node:assert/strict";
import { judge } from "../../harness/checkers/judge.ts";
import { slowMachineProblem } from "../../harness/slow-machine.ts";
import { cluster, type HistoryBuilder } from "./history-builder.ts";

/** An acknowledged update comes again after 5 s. */
const again = (history: HistoryBuilder): HistoryBuilder => history.update("t1", "TASK_RUNNING").acknowledge("t1", "TASK_RUNNING");

function problemOf({ events }: HistoryBuilder): string | undefined {
  const judgement = judge(events);
  assert.equal(judgement.verdict, "pass", judgement.firstBroken?.message);
  return slowMachineProblem(events, { judgement });
}

describe("slowMachineProblem", () => {
  it("says nothing of a run whose machine was fast", () => {
    assert.equal(problemOf(cluster().runTask("t1").end()), undefined);
  });

  it("names what would be broken if the machine had not stalled", () => {
    const problem = problemOf(again(cluster().runTask("t1").wait(5_000).stall("agent-1", 5_010)));
    assert.match(
      problem ?? "",
      /^the machine was too slow to decide .*S14 \(task t1: update .* came again .*\).*: the longest stall was 5010 ms/,
    );
  });

  it("names what was not put to the test because the machine stalled", () => {
    const refused = (): HistoryBuilder => cluster().wait(20_000).offer("o1").decline("o1", 2).wait(2_500).offer("o2").end(10_000);
    assert.ok(judge(refused().events).results.some(({ id, verdict }) => id === "L02" && verdict.kind === "pass" && verdict.evaluated > 0));
    const stalled = cluster().wait(20_000).offer("o1").decline("o1", 2).wait(2_500).stall("harness", 2_000).offer("o2").end(10_000);
    assert.match(problemOf(stalled) ?? "", /too slow to decide .*L02/);
  });

  it("says nothing when a stall took nothing from the run", () => {
    assert.equal(problemOf(cluster().runTask("t1").wait(60_000).stall("agent-2", 1_000).end()), undefined);
  });
});
