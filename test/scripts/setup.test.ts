// The set-up script in a checkout of its own, with a stand-in for npm that tells that it was called.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

describe("the set-up script", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-setup-"));
    mkdirSync(join(folder, "checkout/scripts"), { recursive: true });
    copyFileSync("scripts/setup.mjs", join(folder, "checkout/scripts/setup.mjs"));
    const packages = { "": {}, "node_modules/a": { version: "2.0.0" } };
    writeFileSync(join(folder, "checkout/package-lock.json"), JSON.stringify({ packages }));
    writeFileSync(
      join(folder, "npm.cjs"),
      `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "called"))}, ""); process.exit(3)`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function setUp(): { code: number | null; output: string; hasCalledNpm: boolean } {
    const options = { encoding: "utf8", env: { ...process.env, npm_execpath: join(folder, "npm.cjs") } } as const;
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "checkout/scripts/setup.mjs")], options);
    return { code: status, output: stderr, hasCalledNpm: existsSync(join(folder, "called")) };
  }

  it("installs what is missing, and says so when that fails", () => {
    const { code, output, hasCalledNpm } = setUp();
    assert.equal(hasCalledNpm, true);
    assert.match(output, /no packages are installed yet: npm ci.*npm ci failed \(exit code 3\)/s);
    assert.equal(code, 2);
  });

  /** It once ran `npm ci` in a checkout whose node_modules was a link to another one's, which was empty afterwards. */
  it("never installs through a node_modules that is a link", () => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, ".package-lock.json"), JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } }));
    symlinkSync(other, join(folder, "checkout/node_modules"));
    const old = setUp();
    assert.deepEqual({ code: old.code, hasCalledNpm: old.hasCalledNpm }, { code: 2, hasCalledNpm: false });
    assert.match(old.output, /node_modules\/a should be 2\.0\.0, but node_modules is a link to .*other .*: remove the link/);
    assert.deepEqual(readdirSync(other), [".package-lock.json"]);
    rmSync(other, { recursive: true });
    const dangling = setUp();
    assert.deepEqual({ code: dangling.code, hasCalledNpm: dangling.hasCalledNpm }, { code: 2, hasCalledNpm: false });
  });
});
