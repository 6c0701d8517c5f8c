/** `tepui maintenance watch` beside a real master that is killed and comes back. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { OperatorClient } from "../../client/operator-client.ts";
import { freePort } from "../../harness/grpc/free-port.ts";
import { Tool } from "../cli/tool.ts";
import { laterWindow, machinesOf } from "./case-cluster.ts";
import { MasterProcess } from "./master-process.ts";

describe("tepui maintenance watch", () => {
  let folder: string;
  let address: string;
  let master: MasterProcess;
  let operator: OperatorClient;
  const tools: Tool[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-watch-"));
    address = `127.0.0.1:${await freePort()}`;
    await startMaster();
    operator = new OperatorClient({ masters: [address] });
  });
  after(async () => {
    operator[Symbol.dispose]();
    await master.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const tool of tools.splice(0)) {
      tool.child.kill("SIGKILL");
      await tool.exited;
    }
  });

  async function startMaster(): Promise<void> {
    master = new MasterProcess([`--port=${address.split(":")[1]}`, `--work-dir=${folder}`]);
    await master.leading();
  }

  function watch(...words: string[]): Tool {
    const tool = new Tool(["cli/main.ts", "maintenance", "watch", ...words], { environment: { TEPUI_MASTER: address } });
    tools.push(tool);
    return tool;
  }

  it("has a line for each change, goes on with the next master, and ends when the machine is as far as it waits for", async () => {
    await operator.updateMaintenanceSchedule([]);
    const tool = watch("a", "--until", "up");
    assert.equal(await tool.exited, 0, "a machine without a window is up");
    assert.equal(tool.out, "no maintenance window yet\n");

    await operator.updateMaintenanceSchedule([laterWindow("a", "b")]);
    const waiting = watch("a", "--until", "up");
    await waiting.printed(/Z a DRAINING, asking; window .*Z for 1h; no agent\n/);
    await master.end("SIGKILL");
    await waiting.printed(/nobody answers at .*; trying again\n/);
    await startMaster();
    await waiting.printed(/a master answers again\n/);
    await operator.startMaintenance(machinesOf("a"));
    await waiting.printed(/Z a DOWN, down; /);
    await operator.stopMaintenance(machinesOf("a"));
    assert.equal(await waiting.exited, 0);
    const lines = waiting.out.trimEnd().split("\n");
    assert.match(lines.at(-1) ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ a UP, out of the schedule$/);
    assert.equal(lines.length, 5, waiting.out);
  });

  it("prints one object for each change, and ends well at Ctrl-C", async () => {
    await operator.updateMaintenanceSchedule([laterWindow("a")]);
    const tool = watch("--json");
    await tool.printed(/"machine":"a"/);
    await operator.updateMaintenanceSchedule([]);
    await tool.printed(/"up":true/);
    tool.child.kill("SIGINT");
    assert.equal(await tool.exited, 0);
    const objects = tool.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      objects.map(({ machine, up, progress }) => [machine, up, progress?.mode, progress?.phase]),
      [
        ["a", undefined, "DRAINING", "MAINTENANCE_PHASE_ASKING"],
        ["a", true, undefined, undefined],
      ],
    );
  });

  it("ends at once where no master is, and names the goals that there are", async () => {
    const nobody = watch("--master", "127.0.0.1:1");
    assert.equal(await nobody.exited, 3);
    assert.match(nobody.error, /nobody answers at 127\.0\.0\.1:1/);
    const wrong = watch("--until", "drained");
    assert.equal(await wrong.exited, 2);
    assert.match(wrong.error, /Allowed choices are empty, down, up/);
  });
});
