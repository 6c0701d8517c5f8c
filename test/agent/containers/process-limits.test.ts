/** Limits of processes: what stands before a command keeps it within them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { limitPrefix } from "../../../agent/containers/process-limits.ts";
import { processLimitNames } from "../../../common/container-rules.ts";

describe("limitPrefix()", () => {
  it("is nothing without limits", async () => assert.deepEqual(await limitPrefix([]), []));

  it("keeps a command within its limits", async () => {
    const [program = "", ...rest] = await limitPrefix([
      { name: "nofile", range: { soft: 20n, hard: 30n } },
      { name: "core", range: { soft: 0n, hard: 40_960n } },
      { name: "cpu", range: undefined },
    ]);
    const text = execFileSync(program, [...rest, "cat", "/proc/self/limits"], { encoding: "utf8" });
    assert.match(text, /^Max open files +20 +30 /m);
    assert.match(text, /^Max core file size +0 +40960 /m);
    assert.match(text, /^Max cpu time +unlimited +unlimited /m);
  });

  it("has a word for each limit of the protocol", async () => {
    const [program = ""] = await limitPrefix([{ name: "core", range: { soft: 0n, hard: 0n } }]);
    assert.equal(processLimitNames.size, 16);
    for (const name of processLimitNames.values()) assert.match(execFileSync(program, [`--${name}`], { encoding: "utf8" }), /SOFT/);
  });

  it("says what of them cannot be had", async () => {
    const limits = [{ name: "nofile", range: { soft: 1n, hard: 2n ** 63n } }];
    await assert.rejects(limitPrefix(limits), /^Error: container\.rlimit_info must be what the agent's user may set: prlimit: .*NOFILE/);
  });
});
