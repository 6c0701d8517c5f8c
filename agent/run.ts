/** One agent in this process, from its command line to its exit. */

import { setImmediate } from "node:timers/promises";

import { ListenError } from "../runtime/address.ts";
import { createLogger } from "../runtime/logger.ts";
import { exitFatally, exitOnSignal, exitOnUncaught } from "../runtime/shutdown.ts";
import { StoreError } from "../runtime/store/store.ts";
import { IsolationError } from "./containers/controllers.ts";
import { DiskError } from "./containers/disks.ts";
import { WorkDirectoryError } from "./containers/work-directory-error.ts";
import { readAgentFlags } from "./flags.ts";
import { type RunningAgent, startAgent } from "./start.ts";

/** How long the last clean-up may take; the store's lock goes with the process anyway. */
const stopTimeoutMs = 50;

/**
 * Resolves with the running agent; ends the process when it cannot start, and later when the agent comes to its end. `isDraining`
 * says whether SIGUSR1 came.
 */
export async function runAgent(args: readonly string[], isDraining: () => boolean): Promise<RunningAgent> {
  const flags = readAgentFlags(args);
  const logger = createLogger({ name: "agent", level: flags["log-level"] });
  exitOnUncaught(logger);
  let agent: RunningAgent | undefined;

  function onExit(code: number, reason: string): void {
    logger[code === 0 ? "info" : "error"]({ reason, code }, "this agent ends");
    setTimeout(() => process.exit(code), stopTimeoutMs);
    const stopped = agent?.stop() ?? Promise.resolve();
    stopped.finally(() => process.exit(code)).catch((error: unknown) => exitFatally(logger, error));
  }

  try {
    const started = await startAgent({ flags, logger, onExit });
    agent = started;
    exitOnSignal(logger, async () => {
      // Of signals that come together the system delivers the later one first.
      await setImmediate();
      // A drain that is under way ends the process by itself, once the frameworks can know; SIGTERM, which often follows, must not cut
      // it short. If it takes too long, the signal wins.
      if (isDraining()) await new Promise(() => {});
      await started.stop();
    });
    return started;
  } catch (error) {
    if (!isForOperator(error)) exitFatally(logger, error);
    // What the operator has to change, not a fault of the program: no stack.
    logger.error(error.message);
    process.exit(1);
  }
}

/** What somebody asked for by the flags and cannot have. */
function isForOperator(error: unknown): error is Error {
  return [StoreError, ListenError, WorkDirectoryError, DiskError, IsolationError].some((kind) => error instanceof kind);
}
