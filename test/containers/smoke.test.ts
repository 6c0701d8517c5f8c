/** The smoke suite in containers, with the report that it leaves, and nothing else left. */

import assert from "node:assert/strict";
import Docker from "dockerode";
import { harnessLabel } from "../../harness/containers/leftovers.ts";
import { describeSmoke } from "../chaos/smoke-behaviour.ts";

const docker = new Docker();

describeSmoke("containers", async () => {
  const filters = JSON.stringify({ label: [`${harnessLabel}=${process.pid}`] });
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
  assert.deepEqual(await docker.listNetworks({ filters }), []);
});
