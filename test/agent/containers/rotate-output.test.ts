/** Output files that are cut while somebody appends to them. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { OutputRotation } from "../../../agent/containers/output-rotation.ts";
import { rotateOutput } from "../../../agent/containers/rotate-output.ts";
import { ContainerId } from "../../../common/ids.ts";
import { until } from "./runtime-bench.ts";

const limits = { maxBytes: 10, filesMax: 2 };

describe("rotateOutput()", () => {
  let folder = "";
  let path = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-rotate-"));
    path = join(folder, "stdout");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

  it("leaves a file alone that has as much as it may", async () => {
    writeFileSync(path, "0123456789");
    assert.deepEqual(await rotateOutput(path, limits), { kind: "untouched" });
    assert.deepEqual(readdirSync(folder), ["stdout"]);
  });

  it("keeps the last files, newest first, with all that was in them", async () => {
    for (const letter of ["a", "b", "c"]) {
      appendFileSync(path, `${letter.repeat(5)} 0123456789`);
      assert.deepEqual(await rotateOutput(path, limits), { kind: "rotated" });
      assert.equal(statSync(path).size, 0);
    }
    assert.deepEqual(readdirSync(folder).sort(), ["stdout", "stdout.1", "stdout.2"]);
    appendFileSync(path, "after all");
    assert.deepEqual([textOf("stdout.2"), textOf("stdout.1"), textOf("stdout")], ["bbbbb 0123456789", "ccccc 0123456789", "after all"]);
  });

  it("keeps of a file of more than twice the limit the end, as much as twice the limit", async () => {
    writeFileSync(path, "lost 01234567890123456789");
    await rotateOutput(path, limits);
    assert.equal(textOf("stdout.1"), "01234567890123456789");
  });

  it("copies files of many megabytes", async () => {
    const text = Buffer.alloc(5_000_000, "0123456789");
    writeFileSync(path, text);
    await rotateOutput(path, { maxBytes: 4_999_999, filesMax: 1 });
    assert.ok(readFileSync(join(folder, "stdout.1")).equals(text));
    assert.equal(statSync(path).size, 0);
  });

  it("loses nothing of a task that writes on, but what falls between two system calls", async () => {
    const [roundCount, lineCount] = [100, 100];
    // Numbered lines from a process that only has the open file, as a task has; it says when a round is over.
    const script = `i=0; while read -r go; do n=0; while [ $n -lt ${lineCount} ]; do n=$((n+1)); i=$((i+1)); echo $i; done; echo >&3; done`;
    const writer = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", openSync(path, "a"), "inherit", "pipe"] });
    const ended = once(writer, "exit");
    const isOver = writer.stdio[3];
    assert.ok(isOver instanceof Readable);
    let rotatedCount = 0;
    for (let round = 0; round < roundCount; round++) {
      writer.stdin?.write("go\n");
      const over = once(isOver, "data");
      // Two rounds, of 600 bytes at most, are less than the limit, so nothing may fall out at the other end.
      if ((await rotateOutput(path, { maxBytes: 1_500, filesMax: 1_000 })).kind === "rotated") rotatedCount += 1;
      await over;
    }
    writer.stdin?.end();
    await ended;
    const files = readdirSync(folder).map((name) => ({ name, age: Number(name.split(".")[1] ?? 0) }));
    // Of a write that is under way in just that moment a file may end with the first part.
    const linesOf = (name: string): string[] => textOf(name).split("\n").slice(0, -1);
    const lines = files.sort((left, right) => right.age - left.age).flatMap(({ name }) => linesOf(name));
    const numbers = lines.map(Number);
    assert.ok(rotatedCount > 10, `${rotatedCount} rotations`);
    assert.ok(
      numbers.every((number, index) => number > (numbers[index - 1] ?? 0)),
      "in order, none twice",
    );
    assert.ok(numbers.length > 0.9 * roundCount * lineCount, `${numbers.length} of ${roundCount * lineCount} lines`);
  });

  it("follows no link, hard or symbolic, that a task has put in the place of its output", async () => {
    const precious = join(folder, "precious");
    writeFileSync(precious, "0123456789 and more");
    symlinkSync(precious, path);
    assert.deepEqual(await rotateOutput(path, limits), { kind: "untouched" });
    rmSync(path);
    linkSync(precious, path);
    assert.deepEqual(await rotateOutput(path, limits), { kind: "untouched" });
    assert.equal(textOf("precious"), "0123456789 and more");
  });

  it("goes through no link to another folder", async () => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "stdout"), "0123456789 and more");
    symlinkSync(elsewhere, join(folder, "nested"));
    assert.deepEqual(await rotateOutput(join(folder, "nested", "stdout"), limits), { kind: "untouched" });
    assert.equal(statSync(join(elsewhere, "stdout")).size, 19);
  });

  it("writes through no link that a task has put where the copy goes", async () => {
    const precious = join(folder, "precious");
    writeFileSync(precious, "as it was");
    writeFileSync(path, "0123456789 and more");
    symlinkSync(precious, `${path}.1`);
    assert.deepEqual(await rotateOutput(path, { ...limits, filesMax: 1 }), { kind: "rotated" });
    assert.equal(textOf("precious"), "as it was");
    assert.equal(textOf("stdout.1"), "0123456789 and more");
  });

  it("gives the copy the mode of the file", async () => {
    writeFileSync(path, "0123456789 and more");
    chmodSync(path, 0o640);
    await rotateOutput(path, limits);
    assert.equal(statSync(`${path}.1`).mode & 0o777, 0o640);
  });

  it("cuts the file also when it cannot be kept, and says so", async () => {
    writeFileSync(path, "0123456789 and more");
    mkdirSync(join(`${path}.1`, "in the way"), { recursive: true });
    const outcome = await rotateOutput(path, { ...limits, filesMax: 1 });
    assert.ok(outcome.kind === "lost" && outcome.bytes === 19, JSON.stringify(outcome));
    assert.equal(statSync(path).size, 0);
  });
});

describe("OutputRotation", () => {
  it("looks at the output of every sandbox in use, again and again, and goes on past those that are gone", async () => {
    const work = mkdtempSync(join(tmpdir(), "tepui-rotation-"));
    const run = (name: string) => ({ containerId: ContainerId(name), folder: join(work, name) });
    mkdirSync(join(work, "c2"));
    const warnings: unknown[] = [];
    const rotation = new OutputRotation({
      limits,
      intervalMs: 2,
      folders: () => [run("c1"), run("c2")],
      logger: { warn: (fields: unknown) => warnings.push(fields) },
      onFatal: (error) => assert.fail(String(error)),
    });
    rotation.start();
    try {
      for (const name of ["stdout", "stderr"]) {
        appendFileSync(join(work, "c2", name), "more than ten bytes");
        await until(() => existsSync(join(work, "c2", `${name}.1`)));
      }
      await until(() => rotation.rotatedCount === 2);
      assert.deepEqual(warnings, []);
    } finally {
      rotation.close();
      rmSync(work, { recursive: true, force: true });
    }
  });
});
