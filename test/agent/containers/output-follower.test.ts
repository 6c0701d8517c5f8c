/** Output that is followed while it is written: nothing twice, nothing missed, nobody held up. */

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OutputFollower } from "../../../agent/containers/output-follower.ts";
import type { OutputName } from "../../../agent/containers/sandbox-layout.ts";

class Reader {
  readonly pieces: [OutputName, string][] = [];
  isReady = false;
  isEnded = false;
  isReading = true;
  readonly follower: OutputFollower;
  readonly done: Promise<void>;

  constructor(source: { folder: () => string | undefined; isRunning: () => boolean }) {
    this.follower = new OutputFollower(source, {
      onReady: () => {
        this.isReady = true;
      },
      onPiece: (name, piece) => {
        this.pieces.push([name, Buffer.from(piece).toString()]);
        return this.isReading;
      },
      onEnd: () => {
        this.isEnded = true;
      },
    });
    this.done = this.follower.run();
  }

  text(name: OutputName): string {
    return this.pieces.flatMap(([of, text]) => (of === name ? [text] : [])).join("");
  }
}

async function until(probe: () => boolean): Promise<void> {
  for (let wait = 0; !probe(); wait++) {
    assert.ok(wait < 1_000, `still not so: ${probe}`);
    await sleep(5);
  }
}

describe("OutputFollower", () => {
  let folder: string;
  let isRunning: boolean;
  const source = { folder: (): string | undefined => folder, isRunning: () => isRunning };
  const write = (name: OutputName, text: string): void => appendFileSync(join(folder, name), text);

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tepui-output-")));
    isRunning = true;
    write("stdout", "before");
    write("stderr", "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("tells what is written from now on, by name, and the last of it before the end", async () => {
    const reader = new Reader(source);
    await until(() => reader.isReady);
    write("stdout", "one ");
    await until(() => reader.text("stdout") === "one ");
    write("stderr", "oops");
    write("stdout", "two");
    isRunning = false;
    await reader.done;
    assert.deepEqual([reader.text("stdout"), reader.text("stderr"), reader.isEnded], ["one two", "oops", true]);
  });

  it("waits for a reader who is slow, and gives him everything in the end", async () => {
    const reader = new Reader(source);
    reader.isReading = false;
    await until(() => reader.isReady);
    const text = "x".repeat(300_000);
    write("stdout", text);
    await until(() => reader.pieces.length === 1);
    await sleep(120);
    assert.equal(reader.pieces.length, 1, "one piece at most is on its way");
    isRunning = false;
    reader.isReading = true;
    reader.follower.resume();
    await reader.done;
    assert.equal(reader.text("stdout"), text);
  });

  it("goes on at the beginning of a file that was cut", async () => {
    const reader = new Reader(source);
    await until(() => reader.isReady);
    truncateSync(join(folder, "stdout"), 0);
    write("stdout", "new");
    await until(() => reader.text("stdout") === "new");
    reader.follower.close();
    await reader.done;
    assert.equal(reader.isEnded, false);
  });

  it("waits until the sandbox is found, and for no container that has ended meanwhile", async () => {
    let found: string | undefined;
    const reader = new Reader({ ...source, folder: () => found });
    await sleep(60);
    assert.equal(reader.isReady, false);
    found = folder;
    await until(() => reader.isReady);
    reader.follower.close();
    const late = new Reader({ folder: () => undefined, isRunning: () => false });
    await late.done;
    assert.equal(late.isEnded, true);
  });

  it("does not follow a file that leads elsewhere", async () => {
    const secret = join(folder, "..", `secret-${process.pid}`);
    writeFileSync(secret, "");
    unlinkSync(join(folder, "stdout"));
    symlinkSync(secret, join(folder, "stdout"));
    const reader = new Reader(source);
    await until(() => reader.isReady);
    appendFileSync(secret, "secret");
    await sleep(120);
    reader.follower.close();
    await reader.done;
    rmSync(secret);
    assert.equal(reader.text("stdout"), "");
  });
});
