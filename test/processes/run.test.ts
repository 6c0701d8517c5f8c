/** `tepui run` and `tepui task logs` on a real cluster. */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorClient } from "../../client/operator-client.ts";
import type { Tool } from "../cli/tool.ts";
import { NodePair } from "./node-pair.ts";

describe("tepui run", () => {
  let nodes: NodePair;
  let operator: OperatorClient;

  before(async () => {
    nodes = await NodePair.start({ name: "run", agentFlags: ["--hostname=host-a", "--attributes=rack:r1", "--switch-user=false"] });
    operator = new OperatorClient({ masters: [nodes.masterAddress] });
  });
  after(async () => {
    operator[Symbol.dispose]();
    await nodes.stop();
  });

  const tepui = (...words: readonly string[]): Tool => nodes.tool(words, { ownGroup: true });

  async function isOver(): Promise<void> {
    const { frameworks } = await operator.getFrameworks();
    assert.deepEqual(frameworks, [], "nothing of it is left");
  }

  it("writes what the command writes, where it writes it, and exits with its code", async () => {
    const tool = tepui("run", "--cpus", "0.1", "--mem", "32", "--env", "WHO=world", "echo hello $WHO; echo oh >&2; exit 42");
    assert.equal(await tool.exited, 42, tool.error);
    assert.equal(tool.out, "hello world\n");
    assert.equal(tool.error, "oh\n");
    await isOver();
  });

  it("takes several words as they are, and flags of the command as the command's", async () => {
    const tool = tepui("run", "--constraint", "rack=r1", "--agent", "host-a", "printf", "%s|", "a  b", "$X", "--json");
    assert.equal(await tool.exited, 0, tool.error);
    assert.equal(tool.out, "a  b|$X|--json|");
  });

  it("writes all of a long output", async () => {
    const tool = tepui("run", "seq 1 300000");
    assert.equal(await tool.exited, 0, tool.error);
    assert.equal(tool.out, `${Array.from({ length: 300_000 }, (_, index) => index + 1).join("\n")}\n`);
  });

  it("says how a command ended that a signal ended", async () => {
    const tool = tepui("run", "kill -9 $$");
    assert.equal(await tool.exited, 137);
    assert.equal(tool.error, "error: the task is failed: command was ended by signal 9\n");
  });

  it("writes while the command runs, and ends it with Ctrl-C", async () => {
    const tool = tepui("run", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
    await tool.printed(/ready/);
    assert.ok(tool.child.pid);
    process.kill(-tool.child.pid, "SIGINT");
    assert.equal(await tool.exited, 130, tool.error);
    assert.equal(tool.out, "ready\nbye\n");
    await isOver();
  });

  it("does not wait for the end of a stubborn task after the second Ctrl-C", async () => {
    const tool = tepui("run", "trap '' TERM; echo ready; exec sleep 600");
    await tool.printed(/ready/);
    assert.ok(tool.child.pid);
    process.kill(-tool.child.pid, "SIGINT");
    // One key press may arrive several times; the second one comes later.
    await sleep(700);
    process.kill(-tool.child.pid, "SIGINT");
    assert.equal(await tool.exited, 130);
    assert.match(tool.error, /^killing the task; Ctrl-C again does not wait for its end\n$/);
  });

  it("ends when an operator ends its framework", async () => {
    const tool = tepui("run", "echo ready; exec sleep 600");
    await tool.printed(/ready/);
    const [framework] = (await operator.getFrameworks()).frameworks.filter(({ connected }) => connected);
    const id = framework?.frameworkInfo?.id?.value ?? "";
    const teardown = tepui("framework", "teardown", id);
    assert.equal(await teardown.exited, 0, teardown.error);
    assert.equal(teardown.out, `framework ${id} has ended; its tasks are killed\n`);
    assert.equal(await tool.exited, 125);
    assert.match(tool.error, /^error: the master ended its framework: /m);
  });

  it("says why nothing fits, and gives up with Ctrl-C", async () => {
    const tool = tepui("run", "--cpus", "64", "true");
    while (!tool.error.includes("host-a")) await sleep(50);
    tool.child.kill("SIGINT");
    assert.equal(await tool.exited, 130);
    assert.match(
      tool.error,
      /^nothing fits yet; it starts as soon as something does, Ctrl-C gives up:\n {2}host-a: has 4 cpus in all, the task wants 64\n/,
    );
  });

  it("goes on when the master is killed meanwhile", async () => {
    const tool = tepui("run", `echo ready; until [ -e ${nodes.folder}/go ]; do sleep 0.1; done; echo done; exit 7`);
    await tool.printed(/ready/);
    await nodes.master.end("SIGKILL");
    await nodes.startMaster();
    const touch = tepui("run", `touch ${nodes.folder}/go`);
    assert.equal(await touch.exited, 0, touch.error);
    assert.equal(await tool.exited, 7, tool.error);
    assert.equal(tool.out, "ready\ndone\n");
    assert.match(tool.error, /^the master is gone, the task goes on: /);
  });

  it("has its output read again with `task logs`, while it runs and later", async () => {
    const tool = tepui("run", "--name", "talker", `seq 1 5; echo oh >&2; until [ -e ${nodes.folder}/stop ]; do sleep 0.1; done; echo six`);
    await tool.printed(/5\n/);
    const follower = tepui("task", "logs", "talker", "-f", "--tail", "2");
    await follower.printed(/^4\n5\n$/);
    const errors = tepui("task", "logs", "talker", "--stderr");
    assert.equal(await errors.exited, 0, errors.error);
    assert.equal(errors.out, "oh\n");
    const end = tepui("run", `touch ${nodes.folder}/stop`);
    assert.equal(await end.exited, 0, end.error);
    assert.equal(await follower.exited, 0, follower.error);
    assert.equal(follower.out, "4\n5\nsix\n");
    assert.equal(await tool.exited, 0, tool.error);
    const later = tepui("task", "logs", "talker");
    assert.equal(await later.exited, 0, later.error);
    assert.equal(later.out, "1\n2\n3\n4\n5\nsix\n");
    const nobody = tepui("task", "logs", "nobody");
    assert.equal(await nobody.exited, 1);
    assert.match(nobody.error, /^error: no task is "nobody"/);
  });
});
