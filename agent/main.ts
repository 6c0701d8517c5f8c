/**
 * The agent's process. Everything else is loaded after the handler of SIGUSR1 stands: a signal that comes while the agent starts is
 * kept, and Node's own meaning of it (start the debugger) is off.
 */

import { close as closeDebugger, url as debuggerUrl } from "node:inspector";
import { setFlagsFromString } from "node:v8";

import type { RunningAgent } from "./start.ts";

let agent: RunningAgent | undefined;
let isDrainWanted = false;
function onDrainNow(): void {
  isDrainWanted = true;
  agent?.drainNow();
}
process.on("SIGUSR1", onDrainNow);

/** While Node itself was starting, the signal had Node's meaning. A debugger that nobody asked for tells that it came. */
function heedEarlySignal(): void {
  const options = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  if (debuggerUrl() === undefined || options.includes("--inspect")) return;
  closeDebugger();
  onDrainNow();
}

heedEarlySignal();
const { runAgent } = await import("./run.ts");
agent = await runAgent(process.argv.slice(2), () => isDrainWanted);
// The young generation stays as large as the start made it, twice 4 MB, instead of growing to twice 64 MB at the first burst of tasks and
// staying so: agents make little garbage, and every page that they hold makes their forks slower.
setFlagsFromString("--semi-space-growth-factor=1");
// Once more: the debugger takes a moment to start.
heedEarlySignal();
if (isDrainWanted) agent.drainNow();
