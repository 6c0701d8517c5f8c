/** Planted bugs around the life of frameworks: streams, failover timeouts, teardown. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const frameworks = "server/core/frameworks.ts";

export const frameworkMutants: readonly Mutant[] = [
  {
    id: "M58",
    title: "the failover timeout is ignored: a framework ends when it disconnects",
    breaks: ["S30"],
    file: frameworks,
    search: `  if (timeoutMs <= 0) proposeCompletion(turn, framework, undefined);
  else setFailoverDeadline(turn, framework, timeoutMs);`,
    replace: `  if (timeoutMs > 0) ${acts("M58")};\n  proposeCompletion(turn, framework, undefined);`,
  },
  {
    id: "M59",
    title: "the failover timeout never ends a framework",
    breaks: ["L12"],
    file: "server/core/deadlines.ts",
    search: "    if (framework !== undefined) proposeCompletion(turn, framework, undefined);",
    replace: `    if (framework !== undefined) ${acts("M59")};`,
  },
  {
    id: "M60",
    title: "a new subscription does not cancel the failover timeout that runs",
    breaks: ["S30"],
    file: "server/core/calls/subscribe.ts",
    search: "  state.deadlines.failovers.delete(frameworkId);",
    replace: `  if (state.deadlines.failovers.atMs(frameworkId) !== undefined) ${acts("M60")};`,
  },
  {
    id: "M63",
    title: "an old stream stays open beside the new one",
    breaks: ["S28"],
    file: frameworks,
    search: `    sendEvent(turn, framework, { kind: "error", message: "Framework failed over: another scheduler subscribed with its id" });
    closeStream(turn, framework.connection.streamId, undefined);`,
    replace: `    ${acts("M63")};`,
  },
  {
    id: "M64",
    title: "calls with the id of an old stream are obeyed",
    breaks: ["S29"],
    file: "server/core/calls/dispatch.ts",
    search: `  if (!isConnectedBy(framework, streamId)) {
    return refuse("INVALID_ARGUMENT", \`mesos-stream-id must be of the current subscription, is \${streamId}\`);
  }`,
    replace: `  if (!isConnectedBy(framework, streamId)) ${acts("M64")};`,
  },
  {
    id: "M65",
    title: "TEARDOWN leaves the framework's tasks running",
    breaks: ["S31"],
    file: frameworks,
    search: '  for (const agent of state.agents.values()) sendToAgent(turn, agent, { kind: "shutdownFramework", frameworkId });',
    replace: `  if (framework.tasks.size > 0) ${acts("M65")};`,
  },
];
