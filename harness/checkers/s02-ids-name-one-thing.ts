/** S02: the id of an offer or of a framework names one thing for all time, whoever leads. S21 says the same of agents. */

import type { FrameworkName } from "../history/event.ts";
import type { HistoryView } from "../history/view.ts";
import { type Checker, fail, pass, type Verdict } from "./checker.ts";

export const idsNameOneThing: Checker = {
  id: "S02",
  title: "ids name one thing",
  check(view) {
    for (const [offerId, [first, second]] of view.offersById) {
      if (first === undefined || second === undefined) continue;
      return fail(`offer id ${offerId} was given to two offers`, [first.seq, second.seq]);
    }
    return frameworkProblem(view) ?? pass(view.offers.length);
  },
};

function frameworkProblem(view: HistoryView): Verdict | undefined {
  const owners = new Map<string, { readonly framework: FrameworkName; readonly seq: number }>();
  for (const { frameworkId, framework, openedSeq } of view.streams) {
    if (frameworkId === undefined) continue;
    const owner = owners.get(frameworkId);
    if (owner === undefined) owners.set(frameworkId, { framework, seq: openedSeq });
    else if (owner.framework !== framework) {
      return fail(`${owner.framework} and ${framework} were both given framework id ${frameworkId}`, [owner.seq, openedSeq]);
    }
  }
  return undefined;
}
