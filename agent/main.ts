/** The agent's process: reads the command line, starts an agent, and decides how the process ends. */

import { ListenError } from "../runtime/address.ts";
import { createLogger } from "../runtime/logger.ts";
import { exitFatally, exitOnSignal, exitOnUncaught } from "../runtime/shutdown.ts";
import { StoreError } from "../runtime/store/store.ts";
import { readAgentFlags } from "./flags.ts";
import { type RunningAgent, startAgent } from "./start.ts";

let agent: RunningAgent | undefined;
let isDrainWanted = false;
// Before anything else: a signal that comes while the agent starts is kept, and Node's own meaning of SIGUSR1 (start the
// debugger) is off.
process.on("SIGUSR1", () => {
  isDrainWanted = true;
  agent?.drainNow();
});

const flags = readAgentFlags(process.argv.slice(2));
const logger = createLogger({ name: "agent", level: flags["log-level"] });
exitOnUncaught(logger);

/** How long the last clean-up may take; the store's lock goes with the process anyway. */
const stopTimeoutMs = 50;

function onExit(code: number, reason: string): void {
  logger[code === 0 ? "info" : "error"]({ reason, code }, "this agent ends");
  setTimeout(() => process.exit(code), stopTimeoutMs);
  const stopped = agent?.stop() ?? Promise.resolve();
  stopped.finally(() => process.exit(code)).catch((error: unknown) => exitFatally(logger, error));
}

try {
  agent = await startAgent({ flags, logger, onExit });
  if (isDrainWanted) agent.drainNow();
  exitOnSignal(logger, agent.stop);
} catch (error) {
  if (!(error instanceof StoreError || error instanceof ListenError)) exitFatally(logger, error);
  // What the operator has to change, not a fault of the program: no stack.
  logger.error(error.message);
  process.exit(1);
}
