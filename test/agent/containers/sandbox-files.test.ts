/** Which paths lead into sandboxes. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateSandboxes } from "../../../agent/containers/sandbox-files.ts";
import { linkLatest, runFolder } from "../../../agent/containers/sandbox-layout.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";
import type { ExposedPath } from "../../../runtime/exposed-files.ts";

describe("locateSandboxes()", () => {
  let workDirectory: string;
  let agentId: AgentId | undefined;
  const key = { agentId: AgentId("S1"), frameworkId: FrameworkId("F1"), executorId: ExecutorId("E1") };

  beforeEach(() => {
    workDirectory = realpathSync(mkdtempSync(join(tmpdir(), "tepui-sandbox-files-")));
    agentId = key.agentId;
    for (const run of ["c1", "c2"]) {
      const folder = runFolder(workDirectory, key, ContainerId(run));
      mkdirSync(folder, { recursive: true });
      linkLatest(folder, ContainerId(run));
    }
  });
  afterEach(() => rmSync(workDirectory, { recursive: true, force: true }));

  const find = (path: string): Promise<ExposedPath | undefined> =>
    locateSandboxes({ workDirectory, givenDirectory: "/srv/work", agentId: () => agentId })(path.split("/").filter((name) => name !== ""));
  const run = (name: string, ...within: string[]): ExposedPath => ({ root: runFolder(workDirectory, key, ContainerId(name)), within });

  it("knows a run by the whole path, also by the name that the work directory has in the flags", async () => {
    const below = "slaves/S1/frameworks/F1/executors/E1/runs/c1";
    assert.deepEqual(await find(`${workDirectory}/${below}/stdout`), run("c1", "stdout"));
    assert.deepEqual(await find(`/srv/work/${below}`), run("c1"));
    assert.deepEqual(await find(`${workDirectory}/${below.replace("c1", "latest")}/a/b`), run("c2", "a", "b"));
  });

  it("knows a run by its framework and executor, the last one as latest", async () => {
    assert.deepEqual(await find("/frameworks/F1/executors/E1/runs/latest/stdout"), run("c2", "stdout"));
    assert.deepEqual(await find("/frameworks/F1/executors/E1/runs/c1"), run("c1"));
    agentId = undefined;
    assert.equal(await find("/frameworks/F1/executors/E1/runs/c1"), undefined);
  });

  it("finds the folder of an executor whose id is too long to be its name", async () => {
    const long = { ...key, executorId: ExecutorId("é".repeat(200)) };
    const folder = runFolder(workDirectory, long, ContainerId("c3"));
    mkdirSync(folder, { recursive: true });
    assert.deepEqual(await find(`/frameworks/F1/executors/${long.executorId}/runs/c3`), { root: folder, within: [] });
  });

  it("knows nothing else", async () => {
    for (const path of ["/", "/etc/passwd", "/frameworks", "/frameworks/F1/executors/E1/runs", "/frameworks/F1/executors/E1/x/c1"]) {
      assert.equal(await find(path), undefined, path);
    }
    for (const below of ["", "/checkpoint.db", "/slaves", "/slaves/S1", "/slaves/S1/frameworks/F1/executors/E1/runs", "/volumes/roles/x"]) {
      assert.equal(await find(`${workDirectory}${below}`), undefined, below);
    }
  });

  it("does not believe a link in place of the last run", async () => {
    const runs = join(workDirectory, "slaves/S1/frameworks/F1/executors/E1/runs");
    rmSync(join(runs, "latest"));
    symlinkSync("/etc", join(runs, "latest"));
    assert.equal(await find("/frameworks/F1/executors/E1/runs/latest/passwd"), undefined);
  });
});
