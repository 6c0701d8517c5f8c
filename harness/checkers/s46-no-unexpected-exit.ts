/** S46: no node ends unasked, logs a fatal line, or breaks an invariant of its own. */

import type { NodeName } from "../history/event.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass } from "./checker.ts";

/** What an agent ends with that the master refused. */
const refusedExitCode = 3;

export const noUnexpectedExit: Checker = {
  id: "S46",
  title: "no node ends unasked",
  check(view) {
    for (const event of view.events) {
      if (event.kind === "fatal") return fail(`${event.node}: ${event.message}`, [event.seq]);
      if (event.kind !== "nodeExited" || event.expected) continue;
      if (event.code === refusedExitCode && wasLeaving(view, event.node, event.seq)) continue;
      const how = event.signal === undefined ? `with code ${event.code ?? "unknown"}` : `by ${event.signal}`;
      return fail(`${event.node} exited ${how}, and nobody asked it to`, [event.seq]);
    }
    let evaluated = 0;
    for (const lives of view.lives.values()) evaluated += lives.length;
    return pass(evaluated);
  },
};

/**
 * An agent that was drained and died before it had retired its id comes back with it. The master may have removed the id
 * by then, so it refuses the agent, which retires and ends; the next one is new.
 */
function wasLeaving(view: HistoryView, node: NodeName, seq: number): boolean {
  return view.drains.some(
    ({ node: drained, life }) =>
      drained === node &&
      life.exitedSeq < seq &&
      (life.code !== 0 || life.signal !== undefined) &&
      !view.registrations.some((one) => one.node === node && one.seq > life.exitedSeq && one.seq < seq),
  );
}
