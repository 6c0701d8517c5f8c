/**
 * The verbosity of a program's log, as operators see it: 0 is what `--log-level` asked for, 1 adds what is for debugging, 2 adds every
 * step. It is raised for a while and goes back by itself. Source: Mesos's /logging/toggle, where the last call's time counts.
 */

import { type Result, refuse, succeed } from "../common/result.ts";
import type { Logger } from "./logger.ts";

export interface LoggingLevel {
  read(): number;
  /** Refused below the level of the start. What is above the highest level counts as that. */
  set(level: number, durationMs: number): Result<undefined>;
}

/** By verbosity, above that of the start. */
const verboseLevels = ["debug", "trace"] as const;

/** `loggers`: all that write the log; a child of pino's has a level of its own. */
export function createLoggingLevel(loggers: readonly Logger[]): LoggingLevel {
  const original = loggers.map((logger) => logger.level);
  const lowest = loggers[0]?.level === "debug" ? 1 : 0;
  let current = lowest;
  let revert: NodeJS.Timeout | undefined;

  function apply(level: number): void {
    current = Math.min(level, verboseLevels.length);
    for (const [index, logger] of loggers.entries()) {
      logger.level = (current === lowest ? original[index] : verboseLevels[current - 1]) ?? logger.level;
    }
  }

  return {
    read: () => current,
    set: (level, durationMs) => {
      if (level < lowest) return refuse("INVALID_ARGUMENT", `set_logging_level.level must be at least ${lowest}, is ${level}`);
      clearTimeout(revert);
      apply(level);
      if (current !== lowest) revert = setTimeout(() => apply(lowest), durationMs).unref();
      return succeed(undefined);
    },
  };
}
