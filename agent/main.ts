/**
 * The agent's process. Everything else is loaded after the handler of SIGUSR1 stands: a signal that comes while the agent starts is
 * kept, and Node's own meaning of it (start the debugger) is off.
 */

import type { RunningAgent } from "./start.ts";

let agent: RunningAgent | undefined;
let isDrainWanted = false;
process.on("SIGUSR1", () => {
  isDrainWanted = true;
  agent?.drainNow();
});

const { runAgent } = await import("./run.ts");
agent = await runAgent(process.argv.slice(2), () => isDrainWanted);
if (isDrainWanted) agent.drainNow();
