/**
 * Containers within their limits, on the controllers of this machine. Where those cannot be used the runtime must say so and
 * start nothing; that is what is shown there.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { IsolationError, memBytesMin, openControllers } from "../../../agent/containers/controllers.ts";
import { NestedContainers } from "../../../agent/containers/nested-containers.ts";
import { ownUser } from "../../../agent/containers/run-as.ts";
import type { ContainerLimits } from "../../../agent/core/container-limits.ts";
import { nestedContainerId } from "../../../common/container-id.ts";
import { ExecutorId, FrameworkId } from "../../../common/ids.ts";
import { eat } from "./memory-eater.ts";
import { type Bench, idOf, openBench, spec } from "./runtime-bench.ts";

const megabyte = 1024 * 1024;

const roomy: ContainerLimits = { cpus: 0.5, cpusMax: undefined, memBytesMax: 200 * megabyte, diskBytesMax: undefined };

/** What this machine lets us do; a version 2 hierarchy has to be ours alone. */
function probe(): string | undefined {
  try {
    openControllers(["memory", "cpu"], `tepui-probe-${randomUUID()}`, undefined).close();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof IsolationError);
    return error.message;
  }
}

describe("isolation", function () {
  this.timeout(60_000);
  const problem = probe();
  let folder: string;
  let bench: Bench | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tepui-isolation-"));
  });
  afterEach(() => {
    bench?.runtime.killAll(1_000);
    bench?.runtime.close();
    bench = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (useCgroups = false): Bench => {
    bench = openBench(folder, { useCgroups, isolation: { controllers: ["cpu", "memory"], enforcesDisk: true } });
    return bench;
  };
  const launch = (name: string, value: string, limits: ContainerLimits): void =>
    bench?.runtime.launch({ ...spec(name, { value, environment: [] }), limits });

  if (problem !== undefined) {
    it("is refused where the controllers cannot be used, with the reason", () => {
      assert.throws(() => open(), IsolationError);
      assert.match(problem, /^the memory controller of cgroups/);
    });
    return;
  }

  for (const useCgroups of [false, true]) {
    it(`ends what takes more memory than it may, and says how much (${useCgroups ? "with" : "without"} a cgroup of its own)`, async () => {
      const { next } = open(useCgroups);
      launch("greedy", eat(1_000), { ...roomy, memBytesMax: 100 * megabyte });
      const { exit, breach } = await next("containerExited");
      assert.deepEqual(exit, { kind: "signalled", signal: 9 });
      assert.equal(breach?.resource, "mem");
      assert.equal(breach.limitBytes, 100 * megabyte);
      assert.ok(breach.usedBytes > 90 * megabyte && breach.usedBytes <= 101 * megabyte, String(breach.usedBytes));
    });
  }

  it("ends all of a container of which a part was killed for want of memory", async () => {
    const { next } = open();
    launch("parent", `sh -c '${eat(1_000).replaceAll("'", "'\\''")}'; sleep 600`, { ...roomy, memBytesMax: 100 * megabyte });
    const { exit, breach } = await next("containerExited");
    assert.deepEqual([exit.kind, breach?.resource], ["signalled", "mem"]);
  });

  it("counts what is run beside a container's own command, in checks and by operators, as the container's", async () => {
    const { next, runtime } = open();
    launch("watched", "sleep 600", { ...roomy, memBytesMax: 100 * megabyte });
    await next("containerStarted");
    const { command } = spec("x", { value: eat(1_000), environment: [] });
    runtime.runBeside({ containerId: idOf("watched"), command, frameworkUser: "" }, () => {});
    assert.equal((await next("containerExited")).breach?.resource, "mem");

    launch("operated", "sleep 600", { ...roomy, memBytesMax: 100 * megabyte });
    await next("containerStarted");
    const users = { own: ownUser(), switchUser: false };
    const nested = new NestedContainers({ runtime, folderOf: () => undefined, users, workDirectory: folder });
    const parentId = idOf("operated");
    const surroundings = {
      frameworkId: FrameworkId("F"),
      executorId: ExecutorId("E"),
      frameworkUser: "",
      user: undefined,
      own: [],
      added: [],
      endsWithAgent: false,
    };
    const containerId = nestedContainerId(parentId, "n");
    assert.ok((await nested.launch({ containerId, parentId, command, terminal: undefined, surroundings })).ok);
    assert.equal((await next("containerExited")).breach?.resource, "mem");
    nested.close();
  });

  it("lets a container have what it may, and gives it more when it is told to", async () => {
    const { next, runtime } = open();
    launch("modest", `until [ -e more ]; do sleep 0.05; done; ${eat(120)}`, { ...roomy, memBytesMax: 100 * megabyte });
    await next("containerStarted");
    runtime.limit(idOf("modest"), { ...roomy, memBytesMax: 400 * megabyte });
    // Less is no order: it would kill the container for what it was allowed to do.
    runtime.limit(idOf("modest"), { ...roomy, memBytesMax: 64 * megabyte });
    runtime.runBeside(
      { containerId: idOf("modest"), command: spec("x", { value: "touch more", environment: [] }).command, frameworkUser: "" },
      () => {},
    );
    const { exit, breach } = await next("containerExited");
    assert.deepEqual([exit, breach], [{ kind: "exited", code: 0 }, undefined]);
  });

  it("gives the least memory that a shell needs, and leaves a container that ends well alone", async () => {
    const { next } = open();
    launch("tiny", "exit 0", { ...roomy, memBytesMax: 1 });
    const { exit, breach } = await next("containerExited");
    assert.deepEqual([exit, breach], [{ kind: "exited", code: 0 }, undefined]);
    assert.equal(memBytesMin, 32 * megabyte);
  });

  it("caps the processors where that is asked for", async () => {
    const { next } = open();
    const program =
      "const start = Date.now(); const cpu = process.cpuUsage(); while (Date.now() - start < 2000) {} " +
      "const used = process.cpuUsage(cpu); console.log(used.user + used.system)";
    launch("slow", `exec "${process.execPath}" -e '${program}' > ${folder}/used`, { ...roomy, cpusMax: 0.1 });
    await next("containerExited");
    const usedSecs = Number(readFileSync(join(folder, "used"), "utf8")) / 1e6;
    assert.ok(usedSecs < 1, `of two seconds it had ${usedSecs}, a half at most is a quota that bites`);
  });

  it("ends a container whose sandbox was measured to be too large, and no other", async () => {
    const { next, runtime } = open();
    launch("large", "sleep 600", { ...roomy, diskBytesMax: 10 * megabyte });
    await next("containerStarted");
    runtime.diskMeasured(idOf("large"), 10 * megabyte);
    runtime.diskMeasured(idOf("other"), 999 * megabyte);
    runtime.diskMeasured(idOf("large"), 10 * megabyte + 1);
    const { breach } = await next("containerExited");
    assert.deepEqual(breach, { resource: "disk", usedBytes: 10 * megabyte + 1, limitBytes: 10 * megabyte });
  });

  it("knows of a container that was killed for want of memory while no agent ran", async () => {
    const first = open();
    launch("away", `sleep 1; ${eat(1_000)}`, { ...roomy, memBytesMax: 100 * megabyte });
    await first.next("containerStarted");
    first.runtime.close();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const second = open();
    const [found] = second.runtime.recover();
    assert.ok(found?.state === "ended", found?.state);
    assert.equal(found.breach?.resource, "mem");
    second.runtime.remove(found.containerId);
  });
});
