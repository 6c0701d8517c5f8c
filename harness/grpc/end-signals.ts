/**
 * What becomes of a cluster of real nodes when the tool that runs it is asked to end. Nodes are out of the terminal's reach, so that
 * they would live on: the tool has to end them.
 */

import { exitCodes } from "../run.ts";

export type EndSignal = (typeof endSignals)[number];

/** Ctrl-C, a supervisor, and a terminal that is closed. */
const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `listener` for each such signal, which does not end the process by itself any more; answers what takes the listener away. */
export function onEndSignal(listener: (signal: EndSignal) => void): () => void {
  for (const signal of endSignals) process.on(signal, listener);
  return () => {
    for (const signal of endSignals) process.off(signal, listener);
  };
}

let isEnding = false;

/**
 * On a signal takes down what `end` takes down, then ends the process: nothing was decided. A second signal changes nothing, because npm
 * sends Ctrl-C on to those that the terminal has sent it to already.
 */
export function endOnSignal(end: () => Promise<void>): () => void {
  return onEndSignal((signal) => {
    const isFirst = !isEnding;
    isEnding = true;
    if (isFirst) console.error(`${signal}: ending the cluster and its tasks`);
    end().then(
      () => process.exit(exitCodes.unknown),
      (error: unknown) => {
        console.error(error);
        process.exit(exitCodes["harness-error"]);
      },
    );
  });
}

/** Never resolves while a signal ends the process: a run that went on would start nodes, and judge what it did not see. */
export function unlessEnding(): Promise<void> {
  return isEnding ? new Promise(() => undefined) : Promise.resolve();
}
