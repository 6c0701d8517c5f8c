/** What of a task's container tepui can honour. */

import assert from "node:assert/strict";
import { isPlainContainer, sharesCgroups } from "../../common/task-container.ts";
import { ContainerInfo, ContainerInfo_Type } from "../../protos/gen/mesos/v1/mesos.ts";

const mesos = { type: ContainerInfo_Type.MESOS };

describe("isPlainContainer()", () => {
  it("allows nothing beside the type and the cgroups", () => {
    for (const fields of [mesos, { ...mesos, linuxInfo: {} }, { ...mesos, linuxInfo: { shareCgroups: false } }]) {
      assert.equal(isPlainContainer(ContainerInfo.fromPartial(fields)), true);
    }
    for (const fields of [
      { type: ContainerInfo_Type.DOCKER },
      { ...mesos, hostname: "h" },
      { ...mesos, mesos: {} },
      { ...mesos, networkInfos: [{}] },
      { ...mesos, linuxInfo: { sharePidNamespace: true } },
    ]) {
      assert.equal(isPlainContainer(ContainerInfo.fromPartial(fields)), false);
    }
  });
});

describe("sharesCgroups()", () => {
  it("is true unless the task says otherwise", () => {
    const container = (shareCgroups: boolean) => ({ container: ContainerInfo.fromPartial({ ...mesos, linuxInfo: { shareCgroups } }) });
    assert.deepEqual([sharesCgroups({}), sharesCgroups(container(true)), sharesCgroups(container(false))], [true, true, false]);
  });
});
