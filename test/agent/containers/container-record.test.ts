import assert from "node:assert/strict";

import { exitFromStatus, parseContainerRecord } from "../../../agent/containers/container-record.ts";

const started = "created\nstarted 17 9000 boot-1 /sys/fs/cgroup/a b\n";

describe("parseContainerRecord()", () => {
  it("reads pid, start, boot and cgroup, which may contain spaces", () => {
    assert.deepEqual(parseContainerRecord(started), {
      isNested: false,
      start: { supervisorPid: 17, startTicks: 9000, bootId: "boot-1", cgroup: "/sys/fs/cgroup/a b" },
      exit: undefined,
    });
  });

  it("tells what an operator started within another container", () => {
    const { isNested, start } = parseContainerRecord(started.replace("created", "created nested"));
    assert.deepEqual([isNested, start?.supervisorPid], [true, 17]);
    assert.equal(parseContainerRecord("created nested\n").isNested, true);
    assert.equal(parseContainerRecord("created nes").isNested, false);
  });

  it("reads the end", () => {
    assert.deepEqual(parseContainerRecord(`${started}ended 3\n`).exit, { kind: "exited", code: 3 });
  });

  it("takes no half-written line for a whole one", () => {
    for (let length = 0; length < started.length; length++) {
      assert.equal(parseContainerRecord(started.slice(0, length)).start, undefined);
    }
    assert.equal(parseContainerRecord(`${started}ended 12`).exit, undefined);
  });

  it("knows no cgroup where there is none", () => {
    assert.equal(parseContainerRecord("created\nstarted 17 9000 boot-1 -\n").start?.cgroup, undefined);
  });
});

describe("exitFromStatus()", () => {
  const cases = [
    [0, { kind: "exited", code: 0 }],
    [1, { kind: "exited", code: 1 }],
    [127, { kind: "exited", code: 127 }],
    [128, { kind: "exited", code: 128 }],
    [137, { kind: "signalled", signal: 9 }],
    [143, { kind: "signalled", signal: 15 }],
    [255, { kind: "exited", code: 255 }],
  ] as const;
  for (const [status, exit] of cases) {
    it(`takes ${status} for ${JSON.stringify(exit)}`, () => assert.deepEqual(exitFromStatus(status), exit));
  }
});
