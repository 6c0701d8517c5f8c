/** What an executor reads in its environment, in the agent's own words. */

import assert from "node:assert/strict";

import { formatDuration } from "../../agent/core/executor-environment.ts";
import { readExecutorEnvironment } from "../../client/executor-environment.ts";

const required = { MESOS_FRAMEWORK_ID: "F", MESOS_EXECUTOR_ID: "E", MESOS_AGENT_ENDPOINT: "127.0.0.1:1" };

describe("readExecutorEnvironment()", () => {
  it("reads every length of time that an agent writes", () => {
    for (const durationMs of [0, 1, 999, 1_000, 1_500, 60_000, 3_600_000, 86_400_000, 604_800_000]) {
      const text = formatDuration(durationMs);
      const read = readExecutorEnvironment({ ...required, MESOS_RECOVERY_TIMEOUT: text });
      assert.equal(read.recoveryTimeoutMs, durationMs, text);
    }
    assert.equal(formatDuration(900_000), "15mins");
  });

  it("waits for its agent only with a checkpoint", () => {
    assert.equal(readExecutorEnvironment(required).checkpoint, false);
    assert.equal(readExecutorEnvironment({ ...required, MESOS_CHECKPOINT: "1" }).checkpoint, true);
  });

  it("names the variable that is missing or cannot be read", () => {
    assert.throws(() => readExecutorEnvironment({ ...required, MESOS_AGENT_ENDPOINT: undefined }), /MESOS_AGENT_ENDPOINT must be set/);
    assert.throws(
      () => readExecutorEnvironment({ ...required, MESOS_RECOVERY_TIMEOUT: "soon" }),
      /MESOS_RECOVERY_TIMEOUT must be .*, is "soon"/,
    );
  });
});
