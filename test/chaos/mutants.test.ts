import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findMutant, mutants } from "../../chaos/mutants/catalog.ts";
import { hunt } from "../../chaos/mutants/hunt.ts";
import { type Mutant, plant } from "../../chaos/mutants/mutant.ts";
import { type Score, toScore } from "../../chaos/mutants/score.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

describe("planted bugs", () => {
  it("have ids of their own", () => {
    const ids = mutants.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
  });

  for (const mutant of mutants) {
    it(`${mutant.id} can be planted: ${mutant.title}`, () => {
      const source = sourceOf(mutant);
      const planted = plant(mutant, source);
      assert.notEqual(stripped(planted), stripped(source));
      assert.ok(planted.includes(`tepuiMutant?.("${mutant.id}")`), "it does not say when it acts");
      assert.ok(mutant.breaks.length > 0);
    });
  }

  it("are reported when their place in the source is gone, or stands there twice", () => {
    const mutant = findMutant("M01");
    const source = sourceOf(mutant);
    assert.throws(
      () => plant(mutant, source.replace(mutant.search, "")),
      /M01: its search text must stand in .* exactly once, stands there 0 times/,
    );
    assert.throws(() => plant(mutant, source + source), /stands there 2 times/);
  });

  it("are listed when one is asked for that does not exist", () => {
    assert.throws(() => findMutant("M00"), /there is no mutant "M00"; there are: M01 M02/);
  });
});

describe("the hunt for planted bugs", function () {
  this.timeout(120_000);

  it("catches bugs in simulation, and says how to see it again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tepui-mutants-"));
    try {
      const file = join(folder, "score.json");
      const { code, lines } = await runCommand(["--only", "M01,M37", "--seed", "1", "--seconds", "60", "--json", file]);
      const score = JSON.parse(readFileSync(file, "utf8")) as Score;
      assert.equal(code, 0, lines.join("\n"));
      assert.equal(lines[0], "seed 1");
      assert.equal(score.killed, 2);
      for (const { caughtBy, replay, id } of score.mutants) {
        assert.ok(caughtBy.length > 0);
        assert.match(replay ?? "", new RegExp(`^TEPUI_MUTANT=${id} npm run `));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("counts a bug that nothing had time to catch as a survivor", async () => {
    const result = await hunt(findMutant("M01"), { firstSeed: 1, limitMs: 0, clientsOnly: false });
    const { killed, all, mutants: rows } = toScore(1, [result]);
    assert.deepEqual({ killed, all }, { killed: 0, all: 1 });
    assert.match(rows[0]?.reason ?? "", /never acted/);
  });

  it("does not start with a bug planted in itself, which would hide every difference", async () => {
    const { code, lines } = await runCommand(["--only", "M01"], { TEPUI_MUTANT: "M01" });
    assert.equal(code, 2, lines.join("\n"));
  });
});

function sourceOf({ file }: Mutant): string {
  return readFileSync(join(projectFolder, file), "utf8");
}

function stripped(source: string): string {
  return stripTypeScriptTypes(source);
}

function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; lines: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectFolder, "chaos/mutants/main.ts"), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, lines: output.trimEnd().split("\n") }));
  });
}
