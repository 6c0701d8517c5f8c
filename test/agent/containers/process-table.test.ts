import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";

import {
  isProcessAlive,
  parseStat,
  readEnvironmentVariable,
  readProcess,
  readProcessTable,
} from "../../../agent/containers/process-table.ts";

const tail = "1 17 17 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 424242 1000 10";

describe("parseStat()", () => {
  it("counts fields from the end of a name that contains parentheses and spaces", () => {
    assert.deepEqual(parseStat(`17 (a) (b c) S ${tail}`), {
      pid: 17,
      parentPid: 1,
      groupId: 17,
      sessionId: 17,
      startTicks: 424242,
      isDead: false,
      isStopped: false,
    });
  });

  it("takes zombies for dead", () => {
    assert.equal(parseStat(`17 (x) Z ${tail}`)?.isDead, true);
  });

  it("refuses text that is no stat line", () => {
    assert.equal(parseStat(""), undefined);
  });
});

describe("readProcessTable()", () => {
  it("finds this process and its parent", () => {
    const entry = readProcessTable().get(process.pid);
    assert.equal(entry?.parentPid, process.ppid);
    assert.deepEqual(readProcess(process.pid), entry);
  });
});

describe("isProcessAlive()", () => {
  it("is false for another start time and after the end", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    const start = readProcess(pid)?.startTicks ?? 0;
    assert.equal(isProcessAlive(pid, start), true);
    assert.equal(isProcessAlive(pid, start + 1), false);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(isProcessAlive(pid, start), false);
  });
});

describe("readEnvironmentVariable()", () => {
  it("finds a variable by its whole name, among large ones, and none in a process that ended", async () => {
    const env = { NOT_WANTED: "no", BIG: "x".repeat(100_000), WANTED: "yes" };
    const child = spawn("/bin/sleep", ["60"], { stdio: "ignore", env });
    const pid = child.pid ?? 0;
    assert.equal(readEnvironmentVariable(pid, "WANTED"), "yes");
    assert.equal(readEnvironmentVariable(pid, "ANTED"), undefined);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(readEnvironmentVariable(pid, "WANTED"), undefined);
  });
});
