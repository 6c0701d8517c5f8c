/** Answers of the agent's operator API as bytes. */

import assert from "node:assert/strict";
import { encodeGetContainers, requestRefusal } from "../../../agent/wire/operator.ts";
import { ContainerId, ExecutorId, FrameworkId } from "../../../common/ids.ts";
import { Call_GetContainers, Response_GetContainers } from "../../../protos/gen/mesos/v1/agent/agent.ts";
import { Resource } from "../../../protos/gen/mesos/v1/mesos.ts";

const scalar = (name: string, value: number): Resource => Resource.fromPartial({ name, type: 0, scalar: { value } });
const summary = {
  containerId: ContainerId("c1"),
  frameworkId: FrameworkId("F1"),
  parentId: undefined,
  executorId: ExecutorId("E1"),
  executorName: "an executor",
  resources: [scalar("cpus", 0.5), scalar("mem", 64), scalar("cpus", 1), scalar("mem", 0.5)],
};

describe("encodeGetContainers()", () => {
  it("says what a container uses, and of what it was given, summed up", () => {
    const statistics = {
      atWallMs: 1_500,
      supervisorPid: 42,
      processes: 3,
      threads: 4,
      userSecs: 1.25,
      systemSecs: 0.5,
      rssBytes: 1_000,
      memoryBytes: 2_000,
      diskBytes: 4_096,
    };
    const [container] = Response_GetContainers.decode(encodeGetContainers(new Uint8Array(), [{ summary, statistics }])).containers;
    assert.deepEqual(
      [container?.containerId?.value, container?.frameworkId?.value, container?.executorId?.value, container?.executorName],
      ["c1", "F1", "E1", "an executor"],
    );
    assert.equal(container?.containerStatus?.executorPid, 42);
    const told = container?.resourceStatistics;
    assert.ok(told !== undefined);
    assert.equal(told.timestamp, 1.5);
    assert.deepEqual([told.processes, told.threads], [3, 4]);
    assert.deepEqual([told.cpusUserTimeSecs, told.cpusSystemTimeSecs, told.cpusLimit], [1.25, 0.5, 1.5]);
    assert.deepEqual([told.memRssBytes, told.memTotalBytes, told.memLimitBytes], [1_000n, 2_000n, 67_633_152n]);
    assert.deepEqual([told.diskUsedBytes, told.diskLimitBytes], [4_096n, undefined], "it was given no disk");
  });

  it("has no statistics of a container that does not run yet", () => {
    const [container] = Response_GetContainers.decode(
      encodeGetContainers(new Uint8Array(), [{ summary, statistics: undefined }]),
    ).containers;
    assert.deepEqual([container?.containerStatus, container?.resourceStatistics], [undefined, undefined]);
  });
});

describe("encodeGetContainers() and nested containers", () => {
  const nested = { ...summary, containerId: ContainerId("c1.n"), parentId: ContainerId("c1") };
  const reports = [summary, nested].map((one) => ({ summary: one, statistics: undefined }));
  const idsFor = (showNested: boolean | undefined) => {
    const request = Call_GetContainers.encode({ showNested }).finish();
    return Response_GetContainers.decode(encodeGetContainers(request, reports)).containers.map(({ containerId }) => containerId);
  };

  it("lists them where that is asked for, each with the one around it", () => {
    assert.deepEqual(idsFor(true), [
      { value: "c1", parent: undefined },
      { value: "n", parent: { value: "c1", parent: undefined } },
    ]);
    for (const showNested of [false, undefined]) assert.deepEqual(idsFor(showNested), [{ value: "c1", parent: undefined }]);
  });
});

describe("requestRefusal()", () => {
  it("refuses bytes that are not the message, with the reason", () => {
    assert.equal(requestRefusal("mesos.v1.agent.Call.GetContainers", Buffer.from([8, 1])), undefined);
    const refusal = requestRefusal("mesos.v1.agent.Call.GetContainers", Buffer.from([8]));
    assert.equal(refusal?.code, "INVALID_ARGUMENT");
    assert.match(refusal?.message ?? "", /show_nested/);
  });
});
