/** S46: no node ends unasked, logs a fatal line, or breaks an invariant of its own. */

import { type Checker, fail, pass } from "./checker.ts";
import { mayBeDismissed, refusedExitCode, wasLeaving } from "./evidence.ts";

export const noUnexpectedExit: Checker = {
  id: "S46",
  title: "no node ends unasked",
  check(view) {
    for (const event of view.events) {
      if (event.kind === "fatal") return fail(`${event.node}: ${event.message}`, [event.seq]);
      if (event.kind !== "nodeExited" || event.expected) continue;
      const wasRefused = wasLeaving(view, event.node, event.seq) || mayBeDismissed(view, event.node, event.seq);
      if (event.code === refusedExitCode && wasRefused) continue;
      const how = event.signal === undefined ? `with code ${event.code ?? "unknown"}` : `by ${event.signal}`;
      return fail(`${event.node} exited ${how}, and nobody asked it to`, [event.seq]);
    }
    let evaluated = 0;
    for (const lives of view.lives.values()) evaluated += lives.length;
    return pass(evaluated);
  },
};
