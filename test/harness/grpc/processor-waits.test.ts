/** What is read of the kernel's count, on a /proc made by hand and on the machine's own. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcessorWaits } from "../../../harness/grpc/processor-waits.ts";

describe("readProcessorWaits", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-proc-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function add(pid: number, schedstat: string): void {
    mkdirSync(join(folder, String(pid)));
    writeFileSync(join(folder, `${pid}/schedstat`), schedstat);
  }

  it("reads the waits of the processes that it is given, in milliseconds", () => {
    add(10, "5000000 1500000 1\n");
    add(11, "5000000 9000000 1\n");
    assert.deepEqual(readProcessorWaits([{ node: "agent-1", pid: 10 }], folder), [{ node: "agent-1", pid: 10, waitedMs: 1.5 }]);
  });

  it("leaves out what has ended, and what the kernel does not count", () => {
    add(11, "");
    const processes = [
      { node: "agent-1", pid: 10 },
      { node: "agent-2", pid: 11 },
    ];
    assert.deepEqual(readProcessorWaits(processes, folder), []);
  });

  it("reads this very process, unless the kernel does not count", () => {
    const waits = readProcessorWaits([{ node: "agent-1", pid: process.pid }]);
    assert.ok(waits.every(({ pid, waitedMs }) => pid === process.pid && waitedMs >= 0));
  });
});
