import assert from "node:assert/strict";
import { findDrains } from "../../chaos/report/drains.ts";
import { htmlReport } from "../../chaos/report/html.ts";
import { junitReport } from "../../chaos/report/junit.ts";
import { summaryLines } from "../../chaos/report/summary.ts";
import { cluster } from "../harness/history-builder.ts";
import { crashedResult, failingResult, hostileTaskId } from "./failing-result.ts";

const replay = "npm run chaos -- faults --tier processes --seed 42";

describe("the reports of a run that failed", () => {
  it("are of a history in which S03 breaks first and S46 later", () => {
    const { judgement } = failingResult();
    const broken = judgement?.results.flatMap(({ id, verdict }) => (verdict.kind === "fail" ? [id] : [])) ?? [];
    assert.ok(broken.includes("S03") && broken.includes("S46"), broken.join(" "));
    assert.equal(judgement?.firstBroken?.id, "S03");
  });

  describe("HTML", () => {
    const html = htmlReport(failingResult());

    it("says first which guarantee broke first, and marks the events that show it", () => {
      const heading = /First broken: (\w+)/.exec(html);
      assert.equal(heading?.[1], "S03");
      assert.ok((heading?.index ?? 0) < html.indexOf("The run over time"));
      const marked = html.split("\n").filter((line) => line.startsWith("▶") || line.includes(">▶"));
      assert.ok(marked.length >= 1, "no event is marked");
      assert.match(html, /class="broken"/);
    });

    it("says once how to run it again", () => {
      assert.equal(html.split(replay).length, 2);
    });

    it("lists every guarantee with what became of it, and the faults with what was seen of them", () => {
      for (const { id } of failingResult().judgement?.results ?? []) assert.ok(html.includes(`<td>${id}</td>`), id);
      assert.match(html, /<td>kill-agent<\/td><td>agent-1<\/td><td>[\d.]+ s<\/td><td>not seen<\/td>/);
    });

    it("shows hostile text and does not run it", () => {
      assert.ok(!html.includes("<script>"), "a script got through");
      assert.ok(html.includes("&lt;script&gt;alert"));
      assert.equal(html.split("</title></head>").length + html.split("</title><style>").length, 3, "the head ends where it should");
      assert.equal(count(html, "<pre>"), count(html, "</pre>"));
    });

    it("needs nothing from anywhere else", () => {
      assert.doesNotMatch(html, /(src|href)=|@import|url\(/);
    });

    it("exists for a run that did not even begin", () => {
      const crashed = htmlReport(crashedResult());
      assert.match(crashed, /harness error: no cluster today/);
      assert.ok(crashed.includes(replay));
    });
  });

  describe("JUnit", () => {
    const xml = junitReport(failingResult());

    it("fails the broken guarantees, with the replay line, and counts them", () => {
      const failures = [...xml.matchAll(/<failure message="[^"]*">([^<]*)<\/failure>/g)];
      const declared = /tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(xml);
      assert.equal(Number(declared?.[2]), failures.length);
      assert.ok(failures.length >= 2 && failures.every((failure) => failure[1] === replay));
      assert.equal(Number(declared?.[1]), count(xml, "<testcase "));
      assert.equal(Number(declared?.[3]), count(xml, "<error "));
    });

    it("is well-formed whatever peers wrote", () => {
      const result = failingResult();
      const nasty = junitReport({ ...crashedResult(), reasons: [`${hostileTaskId}\u0000\u0007\uFFFF]]>`], events: result.events });
      for (const text of [xml, nasty]) assert.deepEqual(openElements(text), []);
      for (const unwritable of ["\0", "\u0007", "\uFFFF"]) assert.ok(!nasty.includes(unwritable));
    });

    it("fails a run that broke no guarantee and did not converge", () => {
      const result = failingResult();
      const passed = (result.judgement?.results ?? []).map((each) => ({ ...each, verdict: { kind: "pass" as const, evaluated: 1 } }));
      const calm = { verdict: "pass" as const, results: passed, firstBroken: undefined };
      const stuck = junitReport({ ...result, judgement: calm, reasons: ["not converged: no leader answers"] });
      assert.match(stuck, /name="the run converges and ends"><failure message="not converged: no leader answers"\/>/);
      assert.match(stuck, /failures="1"/);
    });
  });

  describe("the summary", () => {
    const lines = summaryLines(failingResult(), "out/report.html");

    it("begins with the seed and all options", () => {
      assert.match(lines[0] ?? "", /^options: \{"seed":42,"tier":"processes","suite":"faults",/);
    });

    it("ends with the report, the verdict and the one replay line", () => {
      assert.deepEqual(lines.slice(-3), ["report: out/report.html", "verdict: fail", `replay: ${replay}`]);
      assert.equal(lines.filter((line) => line.includes("npm run")).length, 1);
    });

    it("names what broke, with the events that show it", () => {
      assert.ok(lines.some((line) => /^BROKEN S03 .* \[events [\d ]+\]$/.test(line)));
      assert.ok(lines.some((line) => /^fault kill-agent on agent-1 .*: was not seen to bite$/.test(line)));
      assert.ok(lines.some((line) => line.startsWith("not converged: ")));
    });
  });
});

describe("the report on a drain now", () => {
  it("tells for each running task what was announced and when, and for the agent when it exited", () => {
    const { events } = cluster()
      .runTask("T1")
      .runTask("T2")
      .runTask("elsewhere", { agent: "A2", node: "agent-2" })
      .fault("drain-now", "agent-1")
      .masterUpdate("T1", "TASK_LOST", "REASON_SLAVE_REMOVED")
      .exited("agent-1", 0, { code: 0, expected: true });
    const [drain, ...others] = findDrains(events);
    assert.deepEqual(others, []);
    assert.deepEqual([drain?.node, drain?.agentId, drain?.exitedAfterMs], ["agent-1", "A1", 20]);
    assert.deepEqual(
      drain?.tasks.map(({ taskId, state, announcedAfterMs }) => [taskId, state, announcedAfterMs]),
      [
        ["T1", "TASK_LOST", 10],
        ["T2", undefined, undefined],
      ],
    );
  });
});

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Names of elements that are opened and not closed, or closed and not opened; attributes must be quoted and without angle brackets. */
function openElements(xml: string): string[] {
  const open: string[] = [];
  const rest = xml
    .replace(/<\?xml[^>]*\?>/, "")
    .replace(/<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g, (_, closes, name: string, __, isEmpty) => {
      if (closes === "/") {
        if (open.pop() !== name) open.push(`/${name}`);
      } else if (isEmpty !== "/") open.push(name);
      return "";
    });
  return /[<>]/.test(rest) ? [...open, rest.trim()] : open;
}
