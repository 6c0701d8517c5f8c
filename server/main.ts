/** The master's process: reads the command line, starts a master, and decides how the process ends. */

import { randomUUID } from "node:crypto";

import { MasterId } from "../common/ids.ts";
import type { Refusal } from "../common/result.ts";
import { ListenError } from "../runtime/address.ts";
import { createLogger } from "../runtime/logger.ts";
import { exitFatally, exitOnSignal, exitOnUncaught } from "../runtime/shutdown.ts";
import { StoreError } from "../runtime/store/store.ts";
import { readMasterFlags } from "./flags.ts";
import { type RunningMaster, startMaster } from "./start.ts";

const flags = readMasterFlags(process.argv.slice(2));
const logger = createLogger({ name: "master", level: flags["log-level"] });
exitOnUncaught(logger);

const stopping: Refusal = { code: "UNAVAILABLE", message: "the master stops" };
let master: RunningMaster | undefined;

function onExit(reason: string): void {
  logger.warn({ reason }, "this master ends, to be started again as a standby");
  // Who waits for an answer learns why there is none.
  const stopped = master?.stop({ code: "UNAVAILABLE", message: `the master stops: ${reason}` }) ?? Promise.resolve();
  stopped.finally(() => process.exit(1)).catch((error: unknown) => exitFatally(logger, error));
}

try {
  master = await startMaster({ flags, masterId: MasterId(randomUUID()), logger, onExit });
  exitOnSignal(logger, master.stop.bind(undefined, stopping));
} catch (error) {
  if (!(error instanceof StoreError || error instanceof ListenError)) exitFatally(logger, error);
  // What the operator has to change, not a fault of the program: no stack.
  logger.error(error.message);
  process.exit(1);
}
