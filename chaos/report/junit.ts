/** A run as JUnit XML, one test case a guarantee, for CI systems that show it. */

import { type RunResult, replayLine } from "../../harness/run.ts";

export function junitReport(result: RunResult): string {
  const { suite, tier, seed } = result.plan.options;
  const results = result.judgement?.results ?? [];
  const runFailed = result.verdict !== "pass" && results.every(({ verdict }) => verdict.kind === "pass");
  const cases = results.map(({ id, title, verdict }) => {
    const head = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(`${id} ${title}`)}">`;
    if (verdict.kind === "fail")
      return `${head}<failure message="${escapeXml(verdict.message)}">${escapeXml(replayLine(result.plan))}</failure></testcase>`;
    if (verdict.kind === "unknown") return `${head}<error message="${escapeXml(verdict.reason)}"/></testcase>`;
    return `${head}</testcase>`;
  });
  const reason = result.reasons.join("\n");
  const runFailure = runFailed ? `<failure message="${escapeXml(reason)}"/>` : "";
  const run = `    <testcase classname="${escapeXml(suite)}" name="the run converges and ends">${runFailure}</testcase>`;
  const failureCount = results.filter(({ verdict }) => verdict.kind === "fail").length + (runFailed ? 1 : 0);
  const errorCount = results.filter(({ verdict }) => verdict.kind === "unknown").length;
  const counts = `tests="${cases.length + 1}" failures="${failureCount}" errors="${errorCount}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="${escapeXml(`${suite} ${tier} ${seed}`)}" ${counts} time="${(result.simulatedMs / 1000).toFixed(3)}">`,
    ...cases,
    run,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** Also drops what XML cannot hold at all. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uFFFD]/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
