/** A tool that runs a cluster of processes and is told to end: it leaves none of them behind. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Tool } from "../cli/tool.ts";

/** Of each case; booting takes seconds on a busy machine. */
const timeoutMs = 180_000;

describe("a tool with a cluster of processes", function () {
  this.timeout(timeoutMs);

  const tools: readonly (readonly string[])[] = [
    ["chaos/main.ts", "fuzz", "--runs", "1", "--cases", "1000000"],
    ["chaos/main.ts", "smoke", "--tier", "processes"],
  ];
  for (const args of tools) {
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      it(`ends its nodes on ${signal}, and says that nothing was decided: ${args[1]}`, async () => {
        const tool = new Tool(args);
        const pid = tool.child.pid;
        assert.ok(pid);
        while (nodesOf(pid).length < 2) {
          assert.equal(tool.child.exitCode, null, tool.error);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const nodes = nodesOf(pid);
        tool.child.kill(signal);
        assert.equal(await tool.exited, 3, tool.error);
        assert.match(tool.error, new RegExp(`^${signal}: ending the cluster and its tasks\n`));
        assert.doesNotMatch(tool.out, /^verdict/m);
        assert.deepEqual(nodes.filter(isThere), []);
      });
    }
  }
});

/** Children of the process that are nodes. */
function nodesOf(parent: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const stat = readIfThere(`/proc/${pid}/stat`);
    const [, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return parentPid === String(parent) && /(server|agent)\/main\.ts/.test(readIfThere(`/proc/${pid}/cmdline`));
  });
}

function isThere(pid: string): boolean {
  return /(server|agent)\/main\.ts/.test(readIfThere(`/proc/${pid}/cmdline`));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
