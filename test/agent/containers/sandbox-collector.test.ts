/** Sandboxes of ended containers on a real file system: what stays, what goes, and what no link leads to. */

import assert from "node:assert/strict";
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { readDiskUsage, SandboxCollector, type SandboxCollectorOptions, usageOf } from "../../../agent/containers/sandbox-collector.ts";
import { runFolder } from "../../../agent/containers/sandbox-layout.ts";
import { Sandboxes } from "../../../agent/containers/sandboxes.ts";
import type { SandboxKey } from "../../../agent/core/sandbox-key.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";
import { until } from "./runtime-bench.ts";

const dayMs = 86_400_000;

describe("SandboxCollector", () => {
  let work = "";
  let opened: SandboxCollector[] = [];

  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "tepui-collector-"));
    opened = [];
  });
  afterEach(() => {
    for (const collector of opened) collector.close();
    rmSync(work, { recursive: true, force: true });
  });

  const key = (executor: string, agent = "S0"): SandboxKey => ({
    agentId: AgentId(agent),
    frameworkId: FrameworkId("F1"),
    executorId: ExecutorId(executor),
  });

  /** What an agent has: a collector, not started yet, and its sandboxes. */
  function open(options: Partial<SandboxCollectorOptions> = {}) {
    const warnings: unknown[] = [];
    const collector = new SandboxCollector({
      workDirectory: work,
      gcDelayMs: 7 * dayMs,
      headroom: 0.1,
      intervalMs: 10,
      readUsage: async () => 0.2,
      logger: { info: () => {}, warn: (fields: unknown) => warnings.push(fields) },
      onFatal: (error) => assert.fail(String(error)),
      ...options,
    });
    opened.push(collector);
    const sandboxes = new Sandboxes(work, (folder) => collector.ended(folder));
    return { collector, sandboxes, warnings, start: () => collector.start((run) => sandboxes.claim(run)) };
  }

  /** A sandbox as an earlier agent left it, ended so long ago. */
  function leave(id: string, ageMs: number, owner = key(id)): string {
    const folder = runFolder(work, owner, ContainerId(id));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "stdout"), id);
    const endedAt = new Date(Date.now() - ageMs);
    lutimesSync(folder, endedAt, endedAt);
    return folder;
  }

  function create(sandboxes: Sandboxes, id: string, owner = key(id)): string {
    const { folder } = sandboxes.create(ContainerId(id), owner);
    return folder;
  }

  it("removes what is older than the delay allows at this usage, with the empty folders above it, and keeps the rest", async () => {
    // (1 - 0.1 - 0.2) * 7 days = 4.9 days
    const old = leave("old", 5 * dayMs);
    const young = leave("young", 4 * dayMs);
    const { collector, start } = open();
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.equal(existsSync(old), false);
    assert.equal(existsSync(dirname(dirname(old))), false, "the folder of its executor");
    assert.equal(existsSync(young), true);
    assert.deepEqual(readdirSync(join(work, "trash")), []);
    assert.equal(collector.figures.keptCount, 1);
  });

  it("removes more as the disk fills up, and all that has ended when it is full", async () => {
    let usage = 0.2;
    leave("c1", 4 * dayMs);
    leave("c2", 1 * dayMs);
    const { collector, start } = open({ readUsage: async () => usage });
    start();
    await until(() => collector.figures.keptCount === 2);
    usage = 0.6;
    await until(() => collector.figures.removedCount === 1);
    usage = 0.95;
    await until(() => collector.figures.removedCount === 2);
  });

  it("G12: schedules what earlier agent ids left by its own age, so that a restart forgets nothing", async () => {
    const earlier = leave("c1", 6 * dayMs, key("t1", "S-earlier"));
    const recent = leave("c2", 1 * dayMs, key("t2", "S-earlier"));
    const { collector, start } = open();
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.equal(existsSync(earlier), false);
    assert.equal(existsSync(recent), true);
  });

  it("never touches a sandbox that is in use, however old and however full the disk", async () => {
    const adopted = leave("adopted", 300 * dayMs);
    leave("ended", 300 * dayMs);
    const { collector, sandboxes, start } = open({ readUsage: async () => 1 });
    sandboxes.recover([ContainerId("adopted")]);
    const running = create(sandboxes, "running");
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.equal(existsSync(adopted), true);
    assert.equal(existsSync(running), true);
    assert.equal(sandboxes.folderOf(ContainerId("adopted")), adopted);
    sandboxes.retire(ContainerId("adopted"));
    sandboxes.retire(ContainerId("running"));
    await until(() => collector.figures.removedCount === 3);
  });

  it("ages a sandbox from the end of its container, also one that ran for long and was adopted, also for the next agent", async () => {
    const adopted = leave("adopted", 300 * dayMs);
    const first = open();
    first.sandboxes.recover([ContainerId("adopted")]);
    // Before the collector has come to find it.
    first.sandboxes.retire(ContainerId("adopted"));
    first.start();
    await until(() => Date.now() - statSync(adopted).mtimeMs < dayMs);
    first.collector.close();
    const second = open();
    second.start();
    await until(() => second.collector.figures.keptCount === 1);
    assert.equal(existsSync(adopted), true);
  });

  it("takes a time to come for now", async () => {
    leave("future", -300 * dayMs);
    const { collector, start } = open({ gcDelayMs: 50 });
    start();
    await until(() => collector.figures.removedCount === 1);
  });

  it("B5: a launch beside what is being removed gets its sandbox, with nothing of the old one in it", async () => {
    const { collector, sandboxes, start } = open({ gcDelayMs: 0, intervalMs: 1 });
    start();
    for (let round = 0; round < 200; round++) {
      const id = ContainerId(`run-${round}`);
      const { folder } = sandboxes.create(id, key("same"));
      assert.deepEqual(readdirSync(folder).sort(), ["stderr", "stdout"]);
      assert.equal(readlinkSync(join(dirname(folder), "latest")), id);
      sandboxes.retire(id);
      if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until(() => collector.figures.removedCount === 200);
    await until(() => !existsSync(join(work, "slaves", "S0")));
  });

  it("keeps a number of sandboxes at most: the oldest go", async () => {
    leave("c1", 3_000);
    const newer = leave("c2", 2_000);
    const newest = leave("c3", 1_000);
    const { collector, start } = open({ keptMax: 2 });
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.ok(existsSync(newer) && existsSync(newest));
  });

  it("finishes what an earlier agent began to remove", async () => {
    mkdirSync(join(work, "trash", "half", "folder"), { recursive: true });
    const { collector, start } = open();
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.deepEqual(readdirSync(join(work, "trash")), []);
  });

  it("follows no link that a task has put in the place of a folder", async () => {
    const outside = join(work, "outside");
    const run = leave("c1", 0);
    const { collector, warnings, start } = open({ gcDelayMs: 300 });
    start();
    await until(() => collector.figures.keptCount === 1);
    // The whole executor moves to elsewhere, and a link stands where it was.
    const executor = dirname(dirname(run));
    renameSync(executor, outside);
    symlinkSync(outside, executor);
    await until(() => warnings.length === 1);
    assert.deepEqual(readdirSync(join(outside, "runs")), ["c1"]);
    // One that starts now does not even look there.
    collector.close();
    const next = open({ gcDelayMs: 0 });
    leave("c2", 0);
    next.start();
    await until(() => next.collector.figures.removedCount === 1);
    assert.deepEqual(readdirSync(join(outside, "runs")), ["c1"]);
  });

  it("leaves volumes alone that a sandbox shows", async () => {
    const volume = join(work, "volumes", "roles", "web", "v");
    mkdirSync(volume, { recursive: true });
    writeFileSync(join(volume, "file"), "precious");
    const { collector, sandboxes, start } = open({ gcDelayMs: 0 });
    symlinkSync(volume, join(create(sandboxes, "c1"), "data"));
    sandboxes.retire(ContainerId("c1"));
    start();
    await until(() => collector.figures.removedCount === 1);
    assert.deepEqual(readdirSync(volume), ["file"]);
  });

  it("goes on when the disk cannot be looked at", async () => {
    leave("c1", 300 * dayMs);
    const { collector, warnings, start } = open({ readUsage: () => Promise.reject(new Error("EIO")) });
    start();
    await until(() => collector.figures.removedCount === 1 && warnings.length >= 2);
  });

  it("makes room for ids that are too long for a name", () => {
    const { sandboxes } = open();
    const folder = create(sandboxes, "c1", key("ä".repeat(255)));
    assert.ok(existsSync(join(folder, "stdout")));
  });
});

describe("disk usage", () => {
  it("counts what is kept back for root as used, and inodes as well as blocks", () => {
    assert.equal(usageOf({ blocks: 100, bfree: 40, bavail: 20, files: 10, ffree: 9 }), 0.75);
    assert.equal(usageOf({ blocks: 100, bfree: 90, bavail: 90, files: 10, ffree: 2 }), 0.8);
    assert.equal(usageOf({ blocks: 100, bfree: 50, bavail: 50, files: 0, ffree: 0 }), 0.5);
  });

  it("is a share of the real disk", async () => {
    const usage = await readDiskUsage(tmpdir());
    assert.ok(usage > 0 && usage <= 1, String(usage));
  });
});
