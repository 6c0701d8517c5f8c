/** Containers with what they use, nested ones within others. */

import assert from "node:assert/strict";
import { describeContainers } from "../../agent/describe-containers.ts";
import type { ContainerUsage } from "../../agent/wire/operator.ts";
import { ContainerId, ExecutorId, FrameworkId } from "../../common/ids.ts";

const summary = (id: string, parent?: string) => ({
  containerId: ContainerId(id),
  parentId: parent === undefined ? undefined : ContainerId(parent),
  frameworkId: FrameworkId("F"),
  executorId: ExecutorId("E"),
  executorName: "",
  resources: [],
});
const using = (processes: number, memoryBytes: number | undefined): ContainerUsage => ({
  processes,
  threads: 2 * processes,
  userSecs: 3 * processes,
  systemSecs: 4 * processes,
  rssBytes: 5 * processes,
  memoryBytes,
});

function report(usages: Readonly<Record<string, ContainerUsage>>, summaries: readonly ReturnType<typeof summary>[]) {
  const containers = new Map(Object.entries(usages).map(([id, usage]) => [ContainerId(id), usage]));
  const trees = Object.keys(usages).map((id) => ({ containerId: ContainerId(id), supervisorPid: 42 }));
  const usage = { read: () => ({ atWallMs: 7, containers }), diskBytesOf: () => 100 };
  return new Map(describeContainers({ summaries, trees, usage }).map((one) => [one.summary.containerId as string, one.statistics]));
}

describe("describeContainers()", () => {
  it("has the statistics of what runs and of nothing else", () => {
    const reports = report({ c1: using(1, 10) }, [summary("c1"), summary("c2")]);
    assert.deepEqual(reports.get("c1"), { ...using(1, 10), atWallMs: 7, supervisorPid: 42, diskBytes: 100 });
    assert.deepEqual([...reports.keys()], ["c1", "c2"]);
    assert.equal(reports.get("c2"), undefined);
  });

  it("counts what nested containers use for the one around them, too, with processes of its own or without", () => {
    const nested = [summary("e.1", "e"), summary("e.2", "e")];
    const usages = { "e.1": using(1, 10), "e.2": using(2, 20) };
    const without = report(usages, [summary("e"), ...nested]);
    assert.deepEqual(without.get("e"), { ...using(3, 30), atWallMs: 7, supervisorPid: undefined, diskBytes: 100 });
    assert.equal(without.get("e.2")?.processes, 2);
    const withOwn = report({ e: using(4, undefined), ...usages }, [summary("e"), ...nested]);
    assert.deepEqual(withOwn.get("e"), { ...using(7, undefined), atWallMs: 7, supervisorPid: 42, diskBytes: 100 });
  });
});
