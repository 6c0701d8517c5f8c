/** What differs between a person at a terminal and a pipe: colours, the width of a line, and signs of life. */

import { styleText } from "node:util";

import type { Style } from "../common/format-table.ts";

/** Coloured on a terminal only, and not if NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Columns of the terminal; undefined on a pipe, whose reader gets everything. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** For `--no-color`: from now on nothing is coloured. */
export function switchColorsOff(): void {
  process.env["NO_COLOR"] = "1";
  delete process.env["FORCE_COLOR"];
}

/** What takes longer than this is told to be under way. */
const silenceMaxMs = 1_000;

/** Does something; a person who waits sees for what and since when, on stderr, and nothing of it stays there. */
export async function withProgress<T>(what: () => string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return await work();
  const startMs = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    const line = `${what()} ... ${seconds}s`.slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[K${line}`);
    isShown = true;
  }, silenceMaxMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (isShown) process.stderr.write("\r\u001b[K");
  }
}
