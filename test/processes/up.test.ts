/** `tepui up`: boots, serves a framework, and leaves nothing behind however it is ended. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../harness/grpc/free-port.ts";
import { Tool } from "../cli/tool.ts";
import { ExampleRun } from "../examples/example-cluster.ts";

describe("tepui up", () => {
  let folder: string;
  let port: number;
  const tools: Tool[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tepui-up-"));
    port = await freePort();
  });
  afterEach(async () => {
    for (const tool of tools.splice(0)) {
      tool.child.kill("SIGTERM");
      await tool.exited;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const up = (...flags: string[]): Tool => {
    const tool = new Tool(["cli/main.ts", "up", "--port", String(port), "--agents", "2", "--folder", folder, ...flags], { ownGroup: true });
    tools.push(tool);
    return tool;
  };

  /** Processes whose command line or environment names the folder, other than this one. */
  const processesOf = (text: string): string[] =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some((path) => readIfThere(path).includes(text)));

  for (const { how, end } of [
    { how: "Ctrl-C, which the whole terminal gets", end: (pid: number) => process.kill(-pid, "SIGINT") },
    { how: "SIGTERM", end: (pid: number) => process.kill(pid, "SIGTERM") },
  ]) {
    it(`runs a framework's tasks until ${how}, and then ends them, too`, async () => {
      const tool = up();
      await tool.printed(/Ctrl-C ends the cluster/);
      assert.match(tool.out, new RegExp(`npm run example:python -- --master 127.0.0.1:${port}`));
      const flags = ["--master", `127.0.0.1:${port}`, "--tasks", "3", "--command", `echo ${folder}; exec sleep 1000`];
      const example = new ExampleRun([process.execPath, "examples/typescript/batch.ts", ...flags]);
      await example.printed(/TASK_RUNNING/, 3);
      assert.ok(processesOf(folder).length >= 1 + 3, "the nodes run");
      assert.ok(tool.child.pid);
      end(tool.child.pid);
      assert.equal(await tool.exited, 0, tool.error);
      example.end();
      await example.exited;
      assert.deepEqual(processesOf(folder), []);
    });
  }

  it("starts again what was killed, under its id, and leaves alone what left by itself", async () => {
    const tool = up();
    await tool.printed(/Ctrl-C ends the cluster/);
    const pidOf = (node: string): number => Number(new RegExp(`${node}: pid (\\d+)`).exec(tool.out)?.[1]);
    const [agentId] = /(?<=agent-1 is registered as )\S+/.exec(tool.out) ?? [];
    assert.ok(agentId);
    process.kill(pidOf("agent-2"), "SIGUSR1");
    await tool.printed(/agent-2 exited \(code 0\); drained, or told to end: it is not started again; its log/);
    process.kill(pidOf("agent-1"), "SIGKILL");
    await tool.printed(new RegExp(`agent-1 runs again: pid \\d+[^]*agent-1 is registered as ${agentId}`));
    process.kill(pidOf("master-1"), "SIGKILL");
    await tool.printed(new RegExp(`master-1 runs again: pid \\d+[^]*agent-1 is registered as ${agentId}`));
    assert.doesNotMatch(tool.out, /agent-2 runs again/);
    assert.doesNotMatch(tool.out, /no agent is left/);
    const gone = new Tool(["cli/main.ts", "agent", "gone", agentId, "--master", `127.0.0.1:${port}`]);
    assert.equal(await gone.exited, 0, gone.error);
    await tool.printed(/agent-1 exited \(code 3\); gone, or its machine is down, says the master: it is not started again; its log/);
    await tool.printed(/no agent is left: .*start `up` again/);
  });

  it("leaves nothing when it is ended while it boots", async () => {
    const tool = up();
    while (processesOf(join(folder, "master-1")).length === 0) {
      assert.equal(tool.child.exitCode, null, tool.error);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    tool.child.kill("SIGINT");
    assert.equal(await tool.exited, 0, tool.error);
    assert.deepEqual(processesOf(folder), []);
  });

  it("says at once when the port is taken", async () => {
    const squatter = createServer().listen(port, "127.0.0.1");
    const tool = up();
    assert.equal(await tool.exited, 2);
    squatter.close();
    assert.match(
      tool.error,
      new RegExp(`the cluster did not start: master-1 ended before it was ready: .*${port}: another process listens there`),
    );
    assert.deepEqual(processesOf(folder), []);
  });
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
