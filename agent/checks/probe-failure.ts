/** Why a connection to a task did not come about: because of the task, or because the agent's own machine has nothing to spare. */

import type { ProbeResult } from "../core/checks/check-spec.ts";

/** No files, no memory, no buffers. */
const ownFailures: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EAGAIN"]);

export function toFailure(error: Error): ProbeResult {
  const isOwn = "code" in error && ownFailures.has(error.code);
  return { kind: isOwn ? "notDone" : "noAnswer", reason: error.message };
}
