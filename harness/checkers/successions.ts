/** Pairs of streams of one framework id of which the later surely replaced the earlier: what S28 and S29 both ask for. */

import type { FrameworkRecord, StreamLife } from "../history/records.ts";

export interface Succession {
  readonly older: StreamLife;
  readonly newer: StreamLife;
}

/** The older had begun before anybody asked for the newer, so no race decides which of them is live. */
export function successionsOf({ streams }: FrameworkRecord): readonly Succession[] {
  const successions: Succession[] = [];
  for (const [index, older] of streams.entries()) {
    const newer = streams
      .slice(index + 1)
      .find((one) => one.frameworkId !== undefined && one.subscribe !== undefined && one.subscribe.invokeSeq > older.openedSeq);
    if (newer !== undefined && older.frameworkId === newer.frameworkId) successions.push({ older, newer });
  }
  return successions;
}
