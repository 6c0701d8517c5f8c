/** That a run in containers of this process left none of them, and no network. */

import assert from "node:assert/strict";
import Docker from "dockerode";
import { harnessLabel } from "../../harness/containers/leftovers.ts";

const docker = new Docker();

export async function assertNothingLeft(): Promise<void> {
  const filters = JSON.stringify({ label: [`${harnessLabel}=${process.pid}`] });
  assert.deepEqual(await docker.listContainers({ all: true, filters }), []);
  assert.deepEqual(await docker.listNetworks({ filters }), []);
}
