/** Files that a node shows, in a folder of somebody who would like to see more. */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FilePart } from "../../common/process-calls.ts";
import type { Result } from "../../common/result.ts";
import { ExposedFiles } from "../../runtime/exposed-files.ts";

describe("ExposedFiles", () => {
  let folder: string;
  let root: string;
  let files: ExposedFiles;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tepui-exposed-")));
    root = join(folder, "root");
    mkdirSync(join(root, "sub"), { recursive: true });
    writeFileSync(join(root, "stdout"), "0123456789");
    writeFileSync(join(root, "sub", "inner"), "inner");
    writeFileSync(join(folder, "secret"), "secret");
    files = new ExposedFiles({
      locate: async (names) => (names[0] === "box" ? { root, within: names.slice(1) } : undefined),
      maxBytes: 8,
      maxEntries: 5,
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (path: string, offset = 0n, length?: bigint): Promise<Result<FilePart>> => files.read({ path, offset, length });
  const text = async (...wanted: Parameters<typeof read>): Promise<string> => {
    const part = await read(...wanted);
    assert.ok(part.ok, part.ok ? "" : part.refusal.message);
    return `${Buffer.from(part.value.data).toString()} of ${part.value.sizeBytes}`;
  };
  const refusal = async (result: Promise<Result<unknown>>): Promise<string> => {
    const settled = await result;
    assert.ok(!settled.ok, "it was shown");
    return `${settled.refusal.code}: ${settled.refusal.message}`;
  };

  it("reads a part, as much as there is and as one answer holds, and tells the size of the whole", async () => {
    assert.equal(await text("/box/stdout"), "01234567 of 10");
    assert.equal(await text("/box/stdout", 3n, 2n), "34 of 10");
    assert.equal(await text("/box/stdout", 8n, 5n), "89 of 10");
    assert.equal(await text("//box/./sub//inner"), "inner of 5");
    assert.equal(await text("/box/stdout", 0n, 0n), " of 10");
    assert.equal(await text("/box/stdout", 1n, 2n ** 64n - 1n), "12345678 of 10");
  });

  it("has nothing beyond the end, which an offset below zero is, too", async () => {
    for (const offset of [10n, 11n, 2n ** 53n + 1n, 2n ** 64n - 1n]) assert.equal(await text("/box/stdout", offset), " of 10");
    truncateSync(join(root, "stdout"), 2);
    assert.equal(await text("/box/stdout", 5n), " of 2", "who follows a file sees that it was cut");
  });

  it("lists a directory by name, links as links", async () => {
    symlinkSync("/etc", join(root, "elsewhere"));
    const listed = await files.list("/box/");
    assert.ok(listed.ok);
    assert.deepEqual(
      listed.value.map(({ path, sizeBytes, mode }) => [path, (mode & 0o170000) === 0o100000 ? sizeBytes : (mode & 0o170000).toString(8)]),
      [
        ["/box/elsewhere", "120000"],
        ["/box/stdout", 10],
        ["/box/sub", "40000"],
      ],
    );
    for (const name of ["a", "b", "c"]) writeFileSync(join(root, name), "");
    assert.equal(await refusal(files.list("/box")), "RESOURCE_EXHAUSTED: /box has 6 entries, of which at most 5 can be listed");
  });

  it("follows links within, and none that lead out", async () => {
    symlinkSync("sub/inner", join(root, "within"));
    symlinkSync("../secret", join(root, "up"));
    symlinkSync(folder, join(root, "all"));
    symlinkSync("loop", join(root, "loop"));
    assert.equal(await text("/box/within"), "inner of 5");
    for (const path of ["/box/up", "/box/all/secret", "/box/loop", "/box/none", "/box/stdout/x", `/box/${"n".repeat(300)}`]) {
      assert.equal(await refusal(read(path)), `NOT_FOUND: there is no ${path} that can be shown`);
    }
    assert.match(await refusal(files.list("/box/all")), /^NOT_FOUND/);
    assert.match(await refusal(read("/secret")), /^NOT_FOUND/);
  });

  it("shows nothing of a root that has become a link, or has one above it", async () => {
    renameSync(root, join(folder, "moved"));
    symlinkSync("moved", root);
    assert.match(await refusal(read("/box/stdout")), /^NOT_FOUND/);
  });

  it("opens files and directories only", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    symlinkSync("/dev/null", join(root, "null"));
    for (const path of ["/box/pipe", "/box/null"]) assert.match(await refusal(read(path)), /^NOT_FOUND/);
    assert.equal(await refusal(read("/box/sub")), "INVALID_ARGUMENT: read_file.path must be a file, /box/sub is none");
    assert.equal(await refusal(files.list("/box/stdout")), "INVALID_ARGUMENT: list_files.path must be a directory, /box/stdout is none");
  });

  it("tells nothing of a link that comes in place of a folder while it looks", async () => {
    mkdirSync(join(folder, "other"));
    linkSync(join(folder, "secret"), join(folder, "other", "inner"));
    symlinkSync(join(folder, "other"), join(root, "trap"));
    const script = "while :; do mv sub kept; mv trap sub; mv sub trap; mv kept sub; done";
    const swapper = spawn("/bin/sh", ["-c", script], { cwd: root, stdio: "ignore" });
    const seen = new Set<string>();
    try {
      for (let look = 0; look < 2_000; look++) {
        const part = await read("/box/sub/inner");
        seen.add(part.ok ? Buffer.from(part.value.data).toString() : part.refusal.code);
      }
    } finally {
      swapper.kill("SIGKILL");
      await once(swapper, "exit");
    }
    assert.ok(!seen.has("secret"), [...seen].join());
  });

  it("looks at so many at a time and no more", async () => {
    const busy = new ExposedFiles({ locate: async () => ({ root, within: ["stdout"] }), maxLooks: 2 });
    const looks = [1, 2, 3].map(() => busy.read({ path: "/x", offset: 0n, length: 1n }));
    assert.deepEqual(
      (await Promise.all(looks)).map((result) => (result.ok ? "OK" : result.refusal.code)),
      ["OK", "OK", "RESOURCE_EXHAUSTED"],
    );
    assert.ok((await busy.read({ path: "/x", offset: 0n, length: 1n })).ok);
  });
});
