/** Logs as JSON lines on stderr. stdout stays free for what a command prints. */

import { destination, type Logger as PinoLogger, pino } from "pino";

export type Logger = PinoLogger;

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes synchronously, so that the last line before an exit is there. */
export function createLogger({ name, level }: { readonly name: string; readonly level: LogLevel }): Logger {
  return pino({ level, base: { name, pid: process.pid } }, destination({ dest: 2, sync: true }));
}
