/** Sandboxes within sandboxes: where they are, and when they begin to age. */

import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandboxes } from "../../../agent/containers/sandboxes.ts";
import { nestedContainerId } from "../../../common/container-id.ts";
import { AgentId, ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";

const outer = ContainerId("outer");
const [first, second] = [nestedContainerId(outer, "first"), nestedContainerId(outer, "second")];
const key = { agentId: AgentId("A"), frameworkId: FrameworkId("F"), executorId: ExecutorId("E") };
const runs = join("slaves", "A", "frameworks", "F", "executors", "E", "runs");

describe("the sandbox of a nested container", () => {
  let folder: string;
  let ended: string[];
  let sandboxes: Sandboxes;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tepui-sandboxes-")));
    ended = [];
    sandboxes = new Sandboxes(folder, (one) => ended.push(one));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function create(containerId: ContainerId): string {
    const sandbox = sandboxes.create(containerId, key);
    closeSync(sandbox.stdout);
    closeSync(sandbox.stderr);
    return sandbox.folder;
  }

  it("lies in that of the container around it, to which the link leads", () => {
    assert.equal(create(first), join(folder, runs, "outer", "containers", "first"));
    assert.equal(create(second), join(folder, runs, "outer", "containers", "second"));
    assert.equal(readlinkSync(join(folder, runs, "latest")), "outer");
    assert.ok(existsSync(join(folder, runs, "outer", "containers", "first", "stdout")));
  });

  it("ages with that of the container around it", () => {
    create(first);
    create(second);
    sandboxes.retire(first);
    sandboxes.retire(second);
    assert.deepEqual(ended, []);
    sandboxes.retire(outer);
    assert.deepEqual(ended, [join(folder, runs, "outer")]);
  });

  it("is found again by the next agent, and nobody judges the age of what is around it", () => {
    create(first);
    sandboxes = new Sandboxes(folder, (one) => ended.push(one));
    sandboxes.recover([first]);
    const run = { containerId: outer, folder: join(folder, runs, "outer") };
    assert.equal(sandboxes.claim(run), true);
    assert.equal(sandboxes.folderOf(first), join(run.folder, "containers", "first"));
    sandboxes.retire(first);
    sandboxes.retire(outer);
    assert.deepEqual(ended, [run.folder]);
    assert.equal(sandboxes.claim(run), false);
  });
});
