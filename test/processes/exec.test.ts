/** `tepui task exec` and `tepui cluster events` on a real cluster, with tasks of `tepui run`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tool } from "../cli/tool.ts";
import { NodePair } from "./node-pair.ts";

describe("tepui beside a running task", () => {
  let nodes: NodePair;
  let task: Tool;

  before(async () => {
    nodes = await NodePair.start({ name: "exec", agentFlags: ["--switch-user=false"] });
    task = tepui("run", "--name", "host", "pwd; exec sleep 600");
    await task.printed(/\n/);
  });
  after(async () => {
    task.child.kill("SIGINT");
    await task.exited;
    await nodes.stop();
  });

  const tepui = (...words: readonly string[]): Tool => nodes.tool(words);

  it("exec runs a command in the task's sandbox, and exits with its code", async () => {
    const tool = tepui("task", "exec", "host", "pwd; echo oh >&2; echo note > note; exit 42");
    assert.equal(await tool.exited, 42, tool.error);
    assert.equal(tool.out, task.out);
    assert.equal(tool.error, "oh\n");
    assert.equal(readFileSync(join(task.out.trim(), "note"), "utf8"), "note\n");
  });

  it("exec takes several words as they are, and says what signal ended the command", async () => {
    const words = tepui("task", "exec", "host", "printf", "%s|", "a  b", "--json");
    assert.equal(await words.exited, 0, words.error);
    assert.equal(words.out, "a  b|--json|");
    const killed = tepui("task", "exec", "host", "kill -9 $$");
    assert.equal(await killed.exited, 137, killed.error);
  });

  it("exec feeds what comes on stdin, however much it is, to its end", async () => {
    const input = "0123456789\n".repeat(50_000);
    const tool = nodes.tool(["task", "exec", "-i", "host", "cksum; echo end"], { input });
    assert.equal(await tool.exited, 0, tool.error);
    assert.match(tool.out, /^\d+ 550000\nend\n$/);
    const unread = nodes.tool(["task", "exec", "-i", "host", "true"], { input });
    assert.equal(await unread.exited, 0, unread.error);
  });

  it("exec says what is wrong with a call, and runs nothing", async () => {
    const unknown = tepui("task", "exec", "nobody", "true");
    assert.equal(await unknown.exited, 1);
    assert.match(unknown.error, /^error: no task is "nobody"/);
    const ended = tepui("run", "--name", "short", "true");
    assert.equal(await ended.exited, 0, ended.error);
    const late = tepui("task", "exec", "short", "true");
    assert.equal(await late.exited, 1);
    assert.match(late.error, /^error: task "short" is finished; `tepui task list` shows those that run/);
    const noTerminal = tepui("task", "exec", "-t", "host", "sh");
    assert.equal(await noTerminal.exited, 2);
    assert.match(noTerminal.error, /^error: option '--tty' needs a terminal here/);
  });

  it("events tells what changes, and goes on with the next master", async () => {
    const events = tepui("cluster", "events");
    const lines = tepui("cluster", "events", "--json");
    await Promise.all([events.printed(/there are 1 agent, \d+ frameworks?, 1 task; what changes follows\n/), lines.printed(/\n/)]);
    const short = tepui("run", "--name", "told", "exit 3");
    assert.equal(await short.exited, 3);
    await events.printed(/Z {2}framework \S+ \(tepui run: told\) is connected\n/);
    await events.printed(
      /Z {2}task told-\w+ of \S+ on \S+ is staging\n[\s\S]*Z {2}task told-\w+ of \S+ is failed: command exited with status 3\n/,
    );
    await events.printed(/Z {2}framework \S+ \(tepui run: told\) has ended\n/);
    await lines.printed(/"TASK_UPDATED"/);
    assert.deepEqual(JSON.parse(lines.out.split("\n")[0] ?? "").type, "SUBSCRIBED");
    await nodes.master.end("SIGKILL");
    await nodes.startMaster();
    await events.printed(/there are [\s\S]*there are /);
    for (const tool of [events, lines]) {
      tool.child.kill("SIGINT");
      await tool.exited;
    }
  });
});
