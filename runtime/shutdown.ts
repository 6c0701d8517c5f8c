/** How a process ends: gracefully on SIGTERM and SIGINT, at once and loudly when something is broken. */

import type { Logger } from "./logger.ts";

/** Exit status after a broken invariant or an error that nobody expected; EX_SOFTWARE of sysexits.h. */
export const fatalExitCode = 70;

/** How long a graceful stop may take before the process ends anyway; peers notice the cut streams. */
const stopTimeoutMs = 5_000;

/** Logs the error with its stack and causes, and ends the process with `fatalExitCode`. */
export function exitFatally(logger: Logger, error: unknown): never {
  logger.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, "fatal");
  process.exit(fatalExitCode);
}

/** An error that nobody caught is a bug of ours: it must not be survived in an unknown state. */
export function exitOnUncaught(logger: Logger): void {
  process.on("uncaughtException", (error) => exitFatally(logger, error));
  process.on("unhandledRejection", (reason) => exitFatally(logger, reason));
}

/** Runs `stop` once on SIGTERM or SIGINT and exits 0; a second signal, a failure or a timeout exits 1. */
export function exitOnSignal(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger.warn({ signal }, "second signal, not waiting any longer");
      process.exit(1);
    }
    stopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.error({ stopTimeoutMs }, "graceful stop took too long");
      process.exit(1);
    }, stopTimeoutMs).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, "graceful stop failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
