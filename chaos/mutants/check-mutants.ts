/** Planted bugs around health checks and completion times. */

import { acts } from "./acts.ts";
import type { Mutant } from "./mutant.ts";

const results = "agent/core/checks/check-results.ts";

export const checkMutants: readonly Mutant[] = [
  {
    id: "M130",
    title: "a success does not end a row of failed health checks",
    breaks: ["S60"],
    file: results,
    search: "  watch.failureCount = 0;",
    replace: `  if (watch.failureCount > 0) ${acts("M130")};`,
  },
  {
    id: "M131",
    title: "the last failure that a health check allows is one more than it says",
    breaks: ["S60"],
    file: results,
    search: "  if (watch.failureCount < spec.failuresMax) return;",
    replace: `  if (watch.failureCount <= spec.failuresMax) {
    if (watch.failureCount === spec.failuresMax) ${acts("M131")};
    return;
  }`,
  },
  {
    id: "M132",
    title: "failures in the grace period count",
    breaks: ["S60"],
    file: results,
    search: "  if (isStarting) {",
    replace: `  if (isStarting) ${acts("M132")};
  if (isStarting && watch.failureCount < 0) {`,
  },
  {
    id: "M133",
    title: "the completion time of a task is forgotten when one of its checks tells something",
    breaks: ["S61"],
    file: results,
    search: "  task.checked = { ...task.checked, healthy };",
    replace: `  if (turn.state.checks.completions.delete(task)) ${acts("M133")};
  task.checked = { ...task.checked, healthy };`,
  },
];
