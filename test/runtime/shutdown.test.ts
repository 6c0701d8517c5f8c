/** Processes end gracefully when asked to, loudly when broken, and always. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, it } from "mocha";

const program = new URL("./shutdown-program.ts", import.meta.url).pathname;

async function run(way: string, act: (child: ChildProcess) => Promise<void>): Promise<{ code: number | null; log: string }> {
  const child = spawn(process.execPath, [program, way], { stdio: ["ignore", "pipe", "pipe"] });
  const log = text(child.stderr);
  const closed = once(child, "close");
  await Promise.race([once(child.stdout, "data"), closed]);
  await act(child);
  const [code] = await closed;
  return { code, log: await log };
}

const terminate = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGTERM");
};

describe("shutdown", () => {
  it("exits 0 after a graceful stop on SIGTERM, and on SIGINT", async () => {
    assert.equal((await run("graceful", terminate)).code, 0);
    const interrupted = await run("graceful", async (child) => {
      child.kill("SIGINT");
    });
    assert.equal(interrupted.code, 0);
  });

  it("exits 1 and says why when the stop fails", async () => {
    const { code, log } = await run("failing", terminate);
    assert.equal(code, 1);
    assert.match(log, /the store cannot be closed/);
  });

  it("does not wait any longer at the second signal", async () => {
    const { code, log } = await run("hanging", async (child) => {
      child.kill("SIGTERM");
      await once(child.stderr ?? child, "data");
      child.kill("SIGTERM");
    });
    assert.equal(code, 1);
    assert.match(log, /second signal/);
  });

  it("logs an error that nobody caught with its message and exits 70", async () => {
    const broken = await run("throw", async () => {});
    assert.equal(broken.code, 70);
    assert.match(broken.log, /"level":60.*InvariantError.*3 offers outstanding, 2 known/);
    const rejected = await run("reject", async () => {});
    assert.equal(rejected.code, 70);
    assert.match(rejected.log, /nobody waits for this/);
  });
});
