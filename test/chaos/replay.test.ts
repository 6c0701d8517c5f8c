import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { swarmPlan } from "../../chaos/campaign-worker.ts";
import { runReported } from "../../chaos/run-reported.ts";
import { smoke } from "../../chaos/suites/smoke.ts";
import type { RunPlan } from "../../harness/run.ts";
import { Tool } from "../cli/tool.ts";

const projectFolder = new URL("../..", import.meta.url).pathname;

/** A bug that nearly every seed of the simulation finds. */
const planting = { environment: { TEPUI_MUTANT: "M41" }, nodeOptions: ["--import", "./chaos/mutants/register.ts"] };

describe("replay", function () {
  // Each run is a process, on a machine that may have others to do.
  this.timeout(90_000);
  const folders: string[] = [mkdtempSync(join(tmpdir(), "tepui-replay-"))];
  const scratch = folders[0] ?? "";

  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Everything that was printed, and the folders of the runs, which are removed in the end. */
  async function run(args: readonly string[], options: ConstructorParameters<typeof Tool>[1] = {}) {
    const tool = new Tool(["chaos/main.ts", ...args], options);
    const code = await tool.exited;
    const lines = tool.out.trim().split("\n");
    const reports = lines.flatMap((line) => /^report: (.+)\/report\.html$/.exec(line)?.[1] ?? []);
    folders.push(...reports);
    const said = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    return { code, lines, folder: reports[0] ?? "", said, text: `${tool.out}${tool.error}` };
  }

  it("of a plan that a run left does the very run again", async () => {
    const printed: string[] = [];
    const first = await runReported(
      { ...smoke.plan(5, "sim"), options: { ...smoke.plan(5, "sim").options, sim: { latencyMaxMs: 30 } } },
      { print: (line) => printed.push(line) },
    );
    folders.push(first.folder);
    assert.equal(first.verdict, "pass", printed.join("\n"));
    for (const what of [first.folder, join(first.folder, "plan.json")]) {
      const again = await run(["replay", what]);
      assert.equal(again.code, 0, again.text);
      assert.equal(again.said("trace"), first.traceHash);
      assert.equal(again.said("replay"), `npm run replay -- ${join(first.folder, "plan.json")}`);
    }
  });

  it("of a seed does what a campaign does with that seed", async () => {
    const [again, alone] = [await run(["replay", "77"]), await run(["sim", "--seed", "77"])];
    assert.ok(again.said("trace"));
    assert.equal(again.said("trace"), alone.said("trace"));
    assert.equal(again.lines.at(-1), "replay: npm run sim -- --seed 77");
  });

  it("of a plan that cannot run is a failure of the harness and never a pass", async () => {
    const plan: RunPlan = swarmPlan(1);
    const file = join(scratch, "plan.json");
    const broken = { ...plan, steps: [...plan.steps.slice(0, 3), { kind: "no-such-step" }] };
    writeFileSync(file, JSON.stringify(broken));
    const result = await run(["replay", file]);
    assert.equal(result.code, 2, result.text);
    assert.equal(result.said("verdict"), "harness-error");
    writeFileSync(file, "{ this is no JSON");
    const unreadable = await run(["replay", file]);
    assert.equal(unreadable.code, 2);
    assert.match(unreadable.text, /plan\.json is not a plan: /);
  });

  it("of a file with a wrong seed, tier or suite says which, and writes nothing", async () => {
    const { options, steps } = swarmPlan(1);
    for (const [wrong, complaint] of [
      [{ seed: "1" }, 'options.seed must be a whole number, is "1"'],
      [{ tier: "moon" }, 'options.tier must be one of sim, processes, containers, is "moon"'],
      [{ suite: "../../etc" }, 'options.suite must be a name of letters, digits and "-", is "../../etc"'],
    ] as const) {
      const file = join(scratch, "plan.json");
      writeFileSync(file, JSON.stringify({ options: { ...options, ...wrong }, steps }));
      const result = await run(["replay", file]);
      assert.equal(result.code, 2);
      assert.equal(result.text.trim(), `${file} is not a plan: ${complaint}`);
    }
  });

  it("shrinks a failing run to a plan that fails in the same way", async () => {
    const campaign = await run(["sim", "--seed", "1", "--runs", "4"], planting);
    assert.equal(campaign.code, 1, campaign.text);
    const seed = Number(/replay: npm run sim -- --seed (\d+)/.exec(campaign.text)?.[1]);
    const failing = await run(["sim", "--seed", String(seed)], planting);
    assert.equal(failing.code, 1, failing.text);
    assert.match(failing.lines[0] ?? "", new RegExp(`^options: \\{"seed":${seed},`));
    assert.equal(failing.lines.filter((line) => line.startsWith("replay: ")).length, 1);
    assert.equal(failing.lines.at(-1), `replay: npm run sim -- --seed ${seed}`);
    const shrinking = await run(["replay", failing.folder, "--shrink"], planting);
    assert.equal(shrinking.code, 1, shrinking.text);
    const [, before, after] = /shrunk from (\d+) to (\d+) steps/.exec(shrinking.text) ?? [];
    assert.ok(Number(after) <= 12 && Number(after) < Number(before), shrinking.text);
    const smallest = /replay the smallest: npm run replay -- (\S+)/.exec(shrinking.text)?.[1] ?? "";
    assert.equal((JSON.parse(readFileSync(smallest, "utf8")) as RunPlan).steps.length, Number(after));
    assert.equal((await run(["replay", smallest], planting)).code, 1);
    assert.equal((await run(["replay", smallest])).code, 0, "without the bug the same plan passes");
  });

  it("writes into the project's folder for output only", () => {
    assert.ok(folders.slice(1).every((folder) => folder.startsWith(join(projectFolder, "out"))));
  });
});
